"""The fault `duplicate`: a call of a Lambda function is made twice, the second reply counts.

It stands for every at-least-once delivery, in both styles: Step Functions' own retry, an SQS redelivery, a client that
never saw the first reply.
"""

import importlib
import json
from collections.abc import Iterator
from typing import Any

from emulator.server.rewriting import rewrite
from emulator.worker import emulator_faults

_DISPATCH = "        return _execute_function_dispatch(func, config, event, request_id, started)\n"
_DISPATCH_TWICE = (
    """\
        if duplicate_is_due(event):
            _execute_function_dispatch(func, config, event, new_uuid(), time.time())
"""
    + _DISPATCH
)


def duplicate_is_due(event: Any) -> bool:
    """Whether this call of a function is to be made twice; counts it.

    Args:
        event: the function's payload: a command, or SQS records whose bodies are commands.
    """
    return any(emulator_faults.take("duplicate", **command) for command in commands(event))


def commands(event: Any) -> Iterator[dict[str, str]]:
    """The commands in a function's payload, as keywords for `take`."""
    records: list[Any] = event.get("Records", []) if isinstance(event, dict) else []
    for payload in [_json(record.get("body")) for record in records] or [event]:
        match payload:
            case {"task": {"step": str(step), "operation": str(operation)}, "saga": {"id": str(saga)}}:
                yield {"saga": saga, "step": step, "operation": operation}
            case _:
                pass


def _json(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None


def apply() -> None:
    """Patch the one place that every call of a function passes through."""
    service = importlib.import_module("ministack.services.lambda_svc")
    rewrite(service._execute_function, {_DISPATCH: _DISPATCH_TWICE}, {"duplicate_is_due": duplicate_is_due})
