"""Operations on one saga, which its recovery function carries out."""

import json
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from saga_runtime.client.target import Target
from saga_runtime.envelope import checked_id
from saga_runtime.errors import BadCommand
from saga_runtime.plain import input_json
from saga_runtime.refusals import shown
from saga_runtime.services import Services
from saga_runtime.values import MAX_FORWARD_SIZE, canonical, checked

Json = dict[str, Any]
ANSWERS: Final = ("complete", "reject")
MAX_CAUSE: Final = 300
"""Characters of recovery's own error that the caller's shows."""
UNAVAILABLE: Final = ("TooManyRequestsException", "ServiceException", "EC2ThrottledException", "RequestTimeout")
"""Errors of AWS Lambda's Invoke that pass (AWS Lambda, "Invoke", errors)."""


class OperationRefused(Exception):
    """An operation that the saga's state does not allow; nothing was changed."""


class TooEarly(OperationRefused):
    """An answer that is faster than the action that asks: nothing was changed. Repeat it in a moment."""


class RecoveryFailed(Exception):
    """Recovery crashed at an operation or ran out of time: the outcome is unknown; repeat it, it is idempotent.

    The caller that answers a waiting step must: only it can repeat the answer.
    """


def cancel(target: Target, saga_id: str, *, ahead: bool = False, services: Services | None = None) -> str:
    """Abort a saga: no new step can commit, and what happened is undone. Idempotent. Returns its state.

    Args:
        target: which saga, and where.
        saga_id: its id.
        ahead: cancel also a saga that the ledger does not know, e.g. one that was started a moment ago: it is
            ``NOT_STARTED`` and never begins, so its id is used up. If it has begun all the same, the ledger has lost
            it: its next command finds that out, and it is ``STUCK``.
        services: AWS; from the environment by default.

    Raises:
        OperationRefused: it is past its pivot, or completed; or the ledger does not know it.
    """
    return _operate(target, {"operation": "cancel", "id": saga_id, "ahead": ahead}, services)


def resume(target: Target, saga_id: str, *, services: Services | None = None) -> str:
    """Let a stuck saga go on exactly where it stopped. Returns its state.

    Resuming twice is safe: one that goes on again, or has ended since, is left alone.

    Raises:
        OperationRefused: it never was stuck.
    """
    return _operate(target, {"operation": "resume", "id": saga_id}, services)


def skip(target: Target, saga_id: str, step: str, reason: str, *, services: Services | None = None) -> str:
    """Close by hand the compensation that a saga is stuck at, keep the reason, and go on. Returns its state.

    When its compensation is done the saga is ``PARTIALLY_COMPENSATED``, and announced as compensated.

    Raises:
        OperationRefused: it is not stuck there.
    """
    return _operate(target, {"operation": "skip", "id": saga_id, "step": step, "reason": reason}, services)


def retry(target: Target, saga_id: str, *, services: Services | None = None) -> str:
    """Set a saga that is stalled going again: the step it waits at is asked once more. Returns its state.

    A delivery that is in progress after all makes it a duplicate, which the ledger answers. A saga that has ended is
    published once more.

    Raises:
        OperationRefused: it is stuck, so it has to be resumed; or it never began.
    """
    return _operate(target, {"operation": "retry", "id": saga_id}, services)


def complete(target: Target, key: str, result: Json | None = None, *, services: Services | None = None) -> str:
    """Answer yes to a step that waits (:class:`saga_runtime.Pending`). Returns the saga's state.

    The same answer again is the same answer, so a webhook may call twice.

    Args:
        target: the saga's definition.
        key: the step's ``command.idempotency_key``.
        result: becomes part of the step's result.
        services: AWS; from the environment by default.

    Raises:
        BadCommand: a key of another definition, or a result that the saga cannot carry.
        TooEarly: the action that asks has not returned yet; repeat the answer in a moment.
        OperationRefused: too late, or answered otherwise before.
    """
    saga_id, step = _parts(target, key)
    known = {} if result is None else input_json(result, "the result", BadCommand)
    answer, _ = checked(known, "the result", BadCommand, largest=MAX_FORWARD_SIZE)
    return _operate(target, {"operation": "complete", "id": saga_id, "step": step, "result": answer}, services)


def reject(target: Target, key: str, reason: str, *, services: Services | None = None) -> str:
    """Answer no to a step that waits: the saga goes back. Returns the saga's state.

    Raises:
        BadCommand: a key of another definition.
        TooEarly: the action that asks has not returned yet; repeat the answer in a moment.
        OperationRefused: too late, or answered otherwise before.
    """
    saga_id, step = _parts(target, key)
    return _operate(target, {"operation": "reject", "id": saga_id, "step": step, "reason": reason}, services)


def _parts(target: Target, key: str) -> tuple[str, str]:
    name, _, rest = key.partition(".")
    saga_id, _, step = rest.partition(".")
    if name != target.name or not saga_id or not step:
        raise BadCommand(f"the key {shown(key)} is none of a {target.name!r} saga: '{target.name}.<id>.<step>'")
    return saga_id, step


def _operate(target: Target, operation: Json, services: Services | None) -> str:
    checked_id(operation["id"])
    return send(target, operation, services or Services())


def send(target: Target, operation: Json, services: Services) -> str:
    """Have recovery carry out an operation; returns the saga's state. Raises as :func:`ask`."""
    return ask(target, operation, services)["status"]


def ask(target: Target, operation: Json, services: Services) -> Json:
    """Have recovery carry out an operation, by the alias that the caller is granted; returns its answer.

    Raises:
        OperationRefused: by the saga's state.
        BadCommand: recovery cannot read it.
        RecoveryFailed: the outcome is unknown; repeat the operation.
    """
    alias = "answer" if operation["operation"] in ANSWERS else "manage"
    try:
        reply = services.functions.invoke(
            FunctionName=f"{target.recovery}:{alias}", Payload=canonical(operation).encode()
        )
        answer = json.loads(reply["Payload"].read())
    except (BotoCoreError, ClientError) as error:
        if isinstance(error, ClientError) and error.response.get("Error", {}).get("Code") not in UNAVAILABLE:
            raise
        raise RecoveryFailed(
            f"recovery of {target.name!r} gave no answer to {operation['operation']!r}: {error}; "
            "repeat it, it is idempotent"
        ) from error
    if "FunctionError" in reply:
        why, name = f"{answer.get('errorType')}: {answer.get('errorMessage')}"[:MAX_CAUSE], operation["operation"]
        if answer.get("errorType") == BadCommand.__name__:
            raise BadCommand(f"recovery of {target.name!r} could not obey {name!r}: {why}")
        raise RecoveryFailed(f"recovery of {target.name!r} failed at {name!r}: {why}; repeat it, it is idempotent")
    if answer.get("early"):
        raise TooEarly(f"{answer['refused']}, as its action has not returned yet; repeat the answer in a moment")
    if answer["refused"]:
        raise OperationRefused(answer["refused"])
    return answer
