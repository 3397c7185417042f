"""What may go wrong for a saga of the soak."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any, Final, Literal

from demo.cases import BROKEN, REFUSES
from demo.example import Example
from demo.order import NO_NOTICE, NO_REFUND, ORDER
from demo.trip import TRIP
from emulator.faults import Fault, FaultKind
from emulator.provider.modes import Behaviour
from local.trouble import PARTICIPANTS

Later = Literal["cancel", "start", "start otherwise", "stop", "yes", "no"]

LATE: Final = partial(Behaviour, mode="late", seconds=5)
"""Longer than anybody waits for a provider."""
SLOW: Final = partial(Behaviour, mode="slow", seconds=2)
"""Longer than a provider is waited for, and then it does what nobody hopes for any more."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What goes wrong for a saga.

    Args:
        faults: what the environment does, given `saga`.
        moods: how the providers treat its orders, given `match`.
        nothing: the part of the input that asks for what there is none of.
        later: what its customer or a vandal does on the way.
        help: what the operator does when it is stuck.
        deadline: seconds, instead of the definition's.
    """

    faults: tuple[Callable[..., Fault], ...] = ()
    provider_modes: tuple[Callable[..., Behaviour], ...] = ()
    nothing: str = ""
    later: tuple[Later, ...] = ()
    help: Literal["", "none", "skip"] = ""
    deadline: int | None = None


def _crash(kind: FaultKind, draw: Random, example: Example, times: int = 1) -> Trouble:
    operation = draw.choice(("action", "action", "compensation"))
    step = draw.choice(list(PARTICIPANTS[example.name]))
    return Trouble(faults=(partial(Fault, fault=kind, step=step, operation=operation, times=times),))


def _nothing(draw: Random, example: Example) -> Trouble:
    return Trouble(nothing=draw.choice(("lines", "region") if example is ORDER else ("flight", "hotel")))


def _provider(mode: Callable[..., Behaviour], draw: Random, example: Example, **kwargs: Any) -> Trouble:
    collection = "bookings" if example is TRIP else draw.choice(("charges", "charges", "notices"))
    return Trouble(provider_modes=(partial(mode, collection=collection, **kwargs),))


def _no_undo(draw: Random, example: Example, **kwargs: Any) -> Trouble:
    """The provider takes the order, and does not cancel it."""
    if example is TRIP:
        silent = partial(LATE, collection="bookings", times=None)
        return Trouble(provider_modes=(silent, partial(BROKEN, action="cancel")), **kwargs)
    return Trouble(provider_modes=(NO_REFUND,), nothing=draw.choice(("lines", "region")), **kwargs)


TROUBLES: Final[Mapping[str, Callable[[Random, Example], Trouble]]] = {
    "crash before a commit": partial(_crash, "crash-before-commit"),
    "crash after a commit": partial(_crash, "crash-after-commit"),
    "crash again and again": partial(_crash, "crash-before-commit", times=5),
    "every delivery twice": lambda _draw, _example: Trouble(faults=(partial(Fault, fault="duplicate", times=None),)),
    "asks for what is gone": _nothing,
    "provider refuses": partial(_provider, REFUSES),
    "provider silent once": partial(_provider, LATE),
    "provider stays silent": partial(_provider, LATE, times=None),
    "provider slow": partial(_provider, SLOW),
    "provider down twice": partial(_provider, BROKEN, times=2),
    "provider down": partial(_provider, BROKEN),
    "cannot be undone": _no_undo,
    "cannot be undone, and is skipped": partial(_no_undo, help="skip"),
    "nobody mends the cause": partial(_no_undo, help="none"),
    "no notice after the pivot": lambda _draw, _example: Trouble(provider_modes=(NO_NOTICE,)),
    "cancelled": lambda _draw, _example: Trouble(later=("cancel",)),
    "cancelled twice": lambda _draw, _example: Trouble(later=("cancel", "cancel")),
    "started twice": lambda _draw, _example: Trouble(later=("start",)),
    "id used again": lambda _draw, _example: Trouble(later=("start otherwise",)),
    "execution stopped": lambda _draw, _example: Trouble(later=("stop",)),
    "short deadline": lambda draw, _example: Trouble(deadline=draw.choice((0, 1, 3))),
}
"""What may be planned for a saga. `execution stopped` means something in one style, the vandals' theft in the other."""


OF_PROVIDERS: Final = frozenset(name for name in TROUBLES if "provider" in name or "undone" in name) | {
    "nobody mends the cause",
    "no notice after the pivot",
}
"""Those that need an external provider; a business trip asks none."""
