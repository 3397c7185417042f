"""What a call of Step Functions or EventBridge is authorized on, and the condition keys it brings, are as on AWS.

MiniStack takes the answer to a task for a call on everything, a call through a version or alias for one on that, and
knows neither service's condition keys. On AWS an answer is authorized on its task's state machine (CDK's
`StateMachine.grantTaskResponse` grants it so), a start through a version or alias on the machine, with the condition
key `states:StateMachineQualifier`, and `PutEvents` with `events:source` and `events:detail-type` of its entries.
https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
"""

import functools
import importlib
import json
from typing import Any, Final

from emulator.server.patches.stopped_branches import current_execution
from emulator.server.rewriting import rewrite

QUALIFIED: Final = 8
"""Parts of the ARN of a state machine's version or alias."""

_WAITING = """\
    _task_tokens[token] = {
        "event": evt, "result": None, "error": None, "heartbeat": None}
"""
_WAITING_FOR_MACHINE = """\
    _task_tokens[token] = {
        "event": evt, "result": None, "error": None, "heartbeat": None}
    _note_machine(token)
"""


_machines: dict[str, str] = {}
"""The machine of each token, also of those that take no answer any more."""


def note_machine(token: str) -> None:
    """Remember that a token is one of the state machine that the current thread executes."""
    _machines[token] = unqualified(current_execution().get("stateMachineArn", ""))


def unqualified(machine: str) -> str:
    """The ARN of a state machine without its version or alias."""
    return ":".join(machine.split(":")[: QUALIFIED - 1])


def qualifier(machine: str) -> str:
    """The version or alias in the ARN of a state machine; empty without one."""
    parts = machine.split(":")
    return parts[-1] if len(parts) == QUALIFIED and parts[5] == "stateMachine" else ""


def _fields(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def apply() -> None:
    """Patch the tokens of tasks, and what is read of a request before it is authorized."""
    states = importlib.import_module("ministack.services.stepfunctions")
    actions: Any = importlib.import_module("ministack.core.iam_actions")
    rewrite(states._invoke_with_callback, {_WAITING: _WAITING_FOR_MACHINE}, {"_note_machine": note_machine})
    resource_of, context_of = actions.extract_resource_arn, actions.request_tag_context

    @functools.wraps(resource_of)
    def resource(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any, **more: Any) -> str:
        found = resource_of(service, method, path, headers, body, *rest, **more)
        if service != "states":
            return found
        machine = _machines.get(_fields(body).get("taskToken", ""))
        return machine or (unqualified(found) if qualifier(found) else found)

    @functools.wraps(context_of)
    def context(service: str, iam_action: str, body: bytes, *rest: Any, **more: Any) -> dict[str, Any]:
        return {**context_of(service, iam_action, body, *rest, **more), **_keys(iam_action, _fields(body))}

    actions.extract_resource_arn, actions.request_tag_context = resource, context


def _keys(action: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The condition keys of a call, spelled in small letters, as MiniStack looks for them."""
    if action == "events:PutEvents":
        entries = fields.get("Entries", [])
        return {
            "events:source": [one.get("Source", "") for one in entries],
            "events:detail-type": [one.get("DetailType", "") for one in entries],
        }
    named = qualifier(fields.get("stateMachineArn", ""))
    return {"states:statemachinequalifier": [named]} if named else {}
