"""The operations that a page offers, in the words of the manual."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from saga_cli.options import json_object
from saga_runtime import client
from saga_runtime.client import Status, Target, words
from saga_runtime.services import Services

Form = Mapping[str, str]


@dataclass(frozen=True)
class Operation:
    """An operation to one saga.

    Args:
        name: as on the command line.
        does: what it does, for the page that asks for confirmation.
        send: gives it.
        steps: those of a saga that it can be about now; ``None`` for an operation to the saga as a whole.
        reason: what the reason is that belongs to it, and an example of one; empty for none.
        result: whether a result belongs to it.
    """

    name: str
    does: str
    send: Callable[[Target, str, Form, Services], Any]
    steps: Callable[[Status], list[str]] | None = None
    reason: tuple[str, str] | None = None
    result: bool = False


def _stuck(status: Status) -> list[str]:
    return [*status.at]


def _waiting(status: Status) -> list[str]:
    """Those that wait for a callback; a step past the pivot waits even when its time is over."""
    return [step.step for step in status.steps if step.outcome in (words.WAITING, words.LATE)]


def _skip(target: Target, saga_id: str, form: Form, services: Services) -> str:
    return client.skip(target, saga_id, form.get("step", ""), form.get("reason", "").strip(), services=services)


def _complete(target: Target, saga_id: str, form: Form, services: Services) -> str:
    result = json_object(form.get("result", "").strip() or "{}", "the result")
    return client.complete(target, _key(target, saga_id, form), result, services=services)


def _reject(target: Target, saga_id: str, form: Form, services: Services) -> str:
    return client.reject(target, _key(target, saga_id, form), form.get("reason", "").strip(), services=services)


def _key(target: Target, saga_id: str, form: Form) -> str:
    return f"{target.name}.{saga_id}.{form.get('step', '')}"


OPERATIONS: Final = {
    operation.name: operation
    for operation in (
        Operation(
            "cancel",
            "No new step begins, and what has happened is undone. Past the pivot it is refused.",
            lambda target, saga_id, _, services: client.cancel(target, saga_id, services=services),
        ),
        Operation(
            "resume",
            "It goes on exactly where it stopped. Mend the cause first, or it gets stuck there again.",
            lambda target, saga_id, _, services: client.resume(target, saga_id, services=services),
        ),
        Operation(
            "skip",
            "The compensation it is stuck at counts as done by hand; the ledger keeps the reason, and it goes on.",
            _skip,
            steps=_stuck,
            reason=("reason, kept in the ledger", "refunded by hand, ticket 71"),
        ),
        Operation(
            "complete",
            "The answer is yes: the step is done, and the saga goes on. Another answer is then refused.",
            _complete,
            steps=_waiting,
            result=True,
        ),
        Operation(
            "reject",
            "The answer is no: the saga goes back, and the step that has asked first. Another answer is then refused.",
            _reject,
            steps=_waiting,
            reason=("reason, for which the saga goes back", "take the train"),
        ),
        Operation(
            "retry",
            "The step it waits at is asked once more; one that has happened answers instead of happening again. "
            "A saga that has ended is published once more.",
            lambda target, saga_id, _, services: client.retry(target, saga_id, services=services),
        ),
    )
}
REDRIVE: Final = (
    "Recovery acts on each message of the dead-letter queue again and deletes those it has answered: what is stuck is "
    "resumed, what was lost is repeated. What cannot be processed stays there and is shown."
)
