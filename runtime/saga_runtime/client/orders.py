"""Orders to one saga, which its relay carries out."""

import json
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from saga_runtime.client.target import Target
from saga_runtime.envelope import checked_id
from saga_runtime.errors import BadCommand
from saga_runtime.plain import input_json
from saga_runtime.refusals import shown
from saga_runtime.services import Services
from saga_runtime.values import LARGEST_FORWARD, canonical, checked

Json = dict[str, Any]
ANSWERS: Final = ("complete", "reject")
LONGEST_WHY: Final = 300
"""Characters of the relay's own error that the caller's shows."""
UNAVAILABLE: Final = ("TooManyRequestsException", "ServiceException", "EC2ThrottledException", "RequestTimeout")
"""Errors of AWS Lambda's Invoke that pass (AWS Lambda, "Invoke", errors)."""


class OrderRefused(Exception):
    """An order that the saga's state does not allow; nothing was changed."""


class TooEarly(OrderRefused):
    """An answer that is faster than the action that asks: nothing was changed. Repeat it in a moment."""


class RelayFailed(Exception):
    """The relay died at an order or ran out of time, so it may or may not have been carried out: repeat it, it is safe.

    Whoever answers a step that waits must: nobody else repeats the answer.
    """


def cancel(target: Target, saga_id: str, *, services: Services | None = None) -> str:
    """Turn a saga back: no new step can commit, and what happened is undone. Returns its state.

    Cancelling twice, or a saga that never began, is safe; the latter is ``NOT_STARTED`` and then never begins. If it
    was started all the same, the ledger has lost it: its next command finds that out, and it is ``STUCK``.

    Raises:
        OrderRefused: it is past its pivot, or completed.
    """
    return _order(target, {"order": "cancel", "id": saga_id}, services)


def resume(target: Target, saga_id: str, *, services: Services | None = None) -> str:
    """Let a stuck saga go on exactly where it stopped. Returns its state.

    Resuming twice is safe: one that goes on again, or has ended since, is left alone.

    Raises:
        OrderRefused: it never was stuck.
    """
    return _order(target, {"order": "resume", "id": saga_id}, services)


def forgive(target: Target, saga_id: str, step: str, reason: str, *, services: Services | None = None) -> str:
    """Close by hand the compensation that a saga is stuck at, keep the reason, and go on. Returns its state.

    When its way back is through the saga is ``FORGIVEN``, and announced as compensated.

    Raises:
        OrderRefused: it is not stuck there.
    """
    return _order(target, {"order": "forgive", "id": saga_id, "step": step, "reason": reason}, services)


def replay(target: Target, saga_id: str, *, services: Services | None = None) -> str:
    """Set a saga that hangs in motion again: the step it waits at is asked once more. Returns its state.

    Whoever is at work after all makes it a duplicate, which the ledger answers. A saga that has ended is announced
    once more.

    Raises:
        OrderRefused: it is stuck, so it has to be resumed; or it never began.
    """
    return _order(target, {"order": "replay", "id": saga_id}, services)


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
        OrderRefused: too late, or answered otherwise before.
    """
    saga_id, step = _parts(target, key)
    known = {} if result is None else input_json(result, "the result", BadCommand)
    answer, _ = checked(known, "the result", BadCommand, largest=LARGEST_FORWARD)
    return _order(target, {"order": "complete", "id": saga_id, "step": step, "result": answer}, services)


def reject(target: Target, key: str, reason: str, *, services: Services | None = None) -> str:
    """Answer no to a step that waits: the saga goes back. Returns the saga's state.

    Raises:
        BadCommand: a key of another definition.
        TooEarly: the action that asks has not returned yet; repeat the answer in a moment.
        OrderRefused: too late, or answered otherwise before.
    """
    saga_id, step = _parts(target, key)
    return _order(target, {"order": "reject", "id": saga_id, "step": step, "reason": reason}, services)


def _parts(target: Target, key: str) -> tuple[str, str]:
    name, _, rest = key.partition(".")
    saga_id, _, step = rest.partition(".")
    if name != target.name or not saga_id or not step:
        raise BadCommand(f"the key {shown(key)} is none of a {target.name!r} saga: '{target.name}.<id>.<step>'")
    return saga_id, step


def _order(target: Target, order: Json, services: Services | None) -> str:
    checked_id(order["id"])
    return give(target, order, services or Services())


def give(target: Target, order: Json, services: Services) -> str:
    """Have the relay carry out an order; returns the saga's state. Raises as :func:`ask`."""
    return ask(target, order, services)["status"]


def ask(target: Target, order: Json, services: Services) -> Json:
    """Have the relay carry out an order, by the alias that the caller is granted; returns its answer.

    Raises:
        OrderRefused: by the saga's state.
        BadCommand: the relay cannot read it.
        RelayFailed: nobody knows; the order is to be repeated.
    """
    alias = "answer" if order["order"] in ANSWERS else "manage"
    try:
        reply = services.functions.invoke(FunctionName=f"{target.relay}:{alias}", Payload=canonical(order).encode())
        answer = json.loads(reply["Payload"].read())
    except (BotoCoreError, ClientError) as error:
        if isinstance(error, ClientError) and error.response.get("Error", {}).get("Code") not in UNAVAILABLE:
            raise
        raise RelayFailed(
            f"the relay of {target.name!r} gave no answer to {order['order']!r}: {error}; "
            "repeat the order, that is safe"
        ) from error
    if "FunctionError" in reply:
        why, name = f"{answer.get('errorType')}: {answer.get('errorMessage')}"[:LONGEST_WHY], order["order"]
        if answer.get("errorType") == BadCommand.__name__:
            raise BadCommand(f"the relay of {target.name!r} could not obey {name!r}: {why}")
        raise RelayFailed(f"the relay of {target.name!r} failed at {name!r}: {why}; repeat the order, that is safe")
    if answer.get("early"):
        raise TooEarly(f"{answer['refused']}, as its action has not returned yet; repeat the answer in a moment")
    if answer["refused"]:
        raise OrderRefused(answer["refused"])
    return answer
