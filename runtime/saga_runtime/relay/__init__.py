"""The relay: whatever died on the way is told to the saga, so that it goes back instead of hanging.

One small Lambda function a saga. Choreographed, it reads the queue of commands whose retries are used up; orchestrated,
it hears of executions that failed, timed out or were stopped. Either way the ledger decides, not what died. It also
takes orders: cancel, resume, forgive.
"""

import functools
import json
import os
from typing import Any

from saga_runtime.entry.batch import each
from saga_runtime.handlers import LambdaContext
from saga_runtime.relay.executions import Executions
from saga_runtime.relay.messages import Messages
from saga_runtime.relay.orders import ByEvents, ByMachine, Orders
from saga_runtime.relay.verdict import Verdict
from saga_runtime.services import Services, variable

Json = dict[str, Any]

__all__ = ["ByEvents", "ByMachine", "Executions", "Messages", "Orders", "Verdict", "handler"]


@functools.cache
def _verdict() -> Verdict:
    return Verdict(variable("SAGA_NAME"), json.loads(variable("SAGA_STEPS")), Services())


@functools.cache
def _orders() -> Orders:
    verdict, machine = _verdict(), os.environ.get("SAGA_STATE_MACHINE")
    way = (
        ByMachine(verdict.services, machine)
        if machine
        else ByEvents(verdict.services, json.loads(os.environ.get("SAGA_FORWARD", "{}")))
    )
    return Orders(verdict, way, os.environ.get("SAGA_TURN", ""))


def handler(event: Json, _context: LambdaContext) -> Any:
    """The Lambda entry point: an order, a batch of messages, or one "Execution Status Change" event."""
    if "order" in event:
        return _orders().obey(event)
    if "Records" in event:
        return each(event, Messages(_verdict()).failed)
    return Executions(_verdict()).failed(event["detail"]["executionArn"])
