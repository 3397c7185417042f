"""The orders that a page offers, in the words of the manual."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from saga_runtime import client
from saga_runtime.client import Target
from saga_runtime.services import Services

Form = Mapping[str, str]


@dataclass(frozen=True)
class Order:
    """An order to one saga.

    Args:
        name: as on the command line.
        does: what it does, for whoever is asked to confirm it.
        give: gives it.
        explains: whether a step and a reason belong to it.
    """

    name: str
    does: str
    give: Callable[[Target, str, Form, Services], Any]
    explains: bool = False


def _forgive(target: Target, saga_id: str, form: Form, services: Services) -> str:
    return client.forgive(target, saga_id, form.get("step", ""), form.get("reason", "").strip(), services=services)


ORDERS: Final = {
    order.name: order
    for order in (
        Order(
            "cancel",
            "No new step begins, and what has happened is undone. Past the pivot it is refused.",
            lambda target, saga_id, _, services: client.cancel(target, saga_id, services=services),
        ),
        Order(
            "resume",
            "It goes on exactly where it stopped. Mend the cause first, or it gets stuck there again.",
            lambda target, saga_id, _, services: client.resume(target, saga_id, services=services),
        ),
        Order(
            "forgive",
            "The compensation it is stuck at counts as done by hand; the ledger keeps the reason, and it goes on.",
            _forgive,
            explains=True,
        ),
        Order(
            "replay",
            "The step it waits at is asked once more; one that has happened answers instead of happening again. "
            "A saga that has ended is announced once more.",
            lambda target, saga_id, _, services: client.replay(target, saga_id, services=services),
        ),
    )
}
REDRIVE: Final = (
    "The relay acts on each message of the dead-letter queue again and deletes those it has answered: what is stuck is "
    "resumed, what was lost is repeated. What nobody can act on stays there and is shown."
)
