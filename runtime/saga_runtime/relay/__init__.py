"""The relay: whatever died on the way is told to the saga, so that it goes back instead of hanging.

One small Lambda function a saga. Choreographed, it reads the queue of commands whose retries are used up; orchestrated,
it hears of executions that failed, timed out or were stopped. Either way the ledger decides, not what died. It also
takes orders (cancel, resume, forgive, replay, redrive) and answers to steps that wait. And on a schedule it looks for
sagas that nobody works on any more.
"""

import base64
import json
import os
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from saga_runtime.entry.batch import each
from saga_runtime.errors import BadCommand
from saga_runtime.handlers import LambdaContext
from saga_runtime.relay.executions import Executions
from saga_runtime.relay.messages import Messages
from saga_runtime.relay.orders import Orders
from saga_runtime.relay.verdict import Verdict
from saga_runtime.relay.watch import Watch
from saga_runtime.relay.ways import ByEvents, ByMachine
from saga_runtime.services import Services, variable
from saga_runtime.values import shown

Json = dict[str, Any]

__all__ = ["ByEvents", "ByMachine", "Executions", "Messages", "Orders", "Relay", "Verdict", "Watch", "handler"]


@dataclass
class Relay:
    """The relay of the saga that its environment names.

    Args:
        services: AWS and the clock; from the environment unless a test brings its own.
    """

    services: Services = field(default_factory=Services)

    def handler(self, event: Json, context: LambdaContext) -> Any:
        """The Lambda entry point: an order, a look, a batch of messages, or an "Execution Status Change" event."""
        if "order" in event:
            return self._orders.obey(event)
        if "watch" in event:
            return Watch(self._orders, **event["watch"]).look(context)
        if "Records" in event:
            return each(event, Messages(self._verdict, _turn()).failed)
        execution = _execution_in(event)
        return Executions(self._verdict).failed(execution)

    @cached_property
    def _verdict(self) -> Verdict:
        goes_on = os.environ.get("SAGA_WHEN_STUCK") == "continue"
        return Verdict(variable("SAGA_NAME"), _unpacked(variable("SAGA_STEPS")), self.services, goes_on)

    @cached_property
    def _orders(self) -> Orders:
        machine = os.environ.get("SAGA_STATE_MACHINE")
        way = ByMachine(self.services, machine) if machine else ByEvents(self.services, self._forward_events)
        return Orders(self._verdict, way, _turn())

    @property
    def _forward_events(self) -> dict[str, str]:
        """Which event leads to each step's action: the success of the step before, unless the plan says otherwise."""
        steps = self._verdict.steps
        usual = zip(steps, ["saga.started", *(f"{step}.succeeded" for step in steps)], strict=False)
        return {**dict(usual), **_unpacked(os.environ.get("SAGA_FORWARD", "{}"))}


def _turn() -> str:
    return os.environ.get("SAGA_TURN", "")


def _unpacked(text: str) -> Json:
    """JSON, which the construct compresses when it is long: a function's environment has 4 KB."""
    return json.loads(text if text.startswith("{") else zlib.decompress(base64.b64decode(text)))


def _execution_in(event: Json) -> str:
    detail = event.get("detail")
    arn = cast(Json, detail).get("executionArn") if isinstance(detail, dict) else None
    if isinstance(arn, str):
        return arn
    raise BadCommand(f"the event is {shown(event)}: an order, messages, or how an execution ended belong there")


handler = Relay().handler
