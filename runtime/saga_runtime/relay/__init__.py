"""The relay: whatever died on the way is told to the saga, so that it goes back instead of hanging.

One small Lambda function a saga. Choreographed, it reads the queue of commands whose retries are used up; orchestrated,
it hears of executions that failed, timed out or were stopped. Either way the ledger decides, not what died.
"""

import functools
import json
from typing import Any

from saga_runtime.entry.batch import each
from saga_runtime.participant import LambdaContext
from saga_runtime.relay.executions import Executions
from saga_runtime.relay.messages import Messages
from saga_runtime.relay.verdict import Verdict
from saga_runtime.services import Services, variable

Json = dict[str, Any]

__all__ = ["Executions", "Messages", "Verdict", "handler"]


@functools.cache
def _verdict() -> Verdict:
    return Verdict(variable("SAGA_NAME"), tuple(json.loads(variable("SAGA_STEPS"))), Services())


def handler(event: Json, _context: LambdaContext) -> Any:
    """The Lambda entry point: a batch of messages, or one "Execution Status Change" event."""
    if "Records" not in event:
        return Executions(_verdict()).failed(event["detail"]["executionArn"])
    return each(event, Messages(_verdict()).failed)
