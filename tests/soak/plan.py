"""What is sent, and what goes wrong: drawn anew for every seed, the same for the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, Final, Literal

from demo.cases import BROKEN, REFUSES
from demo.example import Example, Stock
from demo.order import NO_NOTICE, NO_REFUND, ORDER
from demo.trip import TRIP
from emulator.faults import Fault, FaultKind
from emulator.provider.moods import Behaviour
from local.trouble import PARTICIPANTS

Json = dict[str, Any]
Style = Literal["orchestrated", "choreographed"]
Later = Literal["cancel", "start", "start otherwise", "stop"]

CALM: Final = 0.3
"""The share of sagas that nothing is planned for; the vandals may still hit them."""
SHARED_BY: Final = 50
"""Sagas that take from the same shelves: most of these suffice, some run out."""
STOCK: Final = 11
"""Of a shelf, times what a saga takes."""
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
    moods: tuple[Callable[..., Behaviour], ...] = ()
    nothing: str = ""
    later: tuple[Later, ...] = ()
    help: Literal["", "none", "forgive"] = ""
    deadline: int | None = None


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One saga.

    Attributes:
        id: its id.
        example: which saga.
        style: in which style.
        given: its input.
        troubles: what goes wrong, by name.
        later: what is done on the way: after how many seconds, and what.
    """

    id: str
    example: Example
    style: Style
    given: Json
    troubles: Mapping[str, Trouble] = field(default_factory=dict[str, Trouble])
    later: tuple[tuple[float, Later], ...] = ()

    @property
    def name(self) -> str:
        """The definition's."""
        return self.example.name if self.style == "orchestrated" else f"{self.example.name}-by-events"

    @property
    def deadline(self) -> int | None:
        """Seconds; None for the definition's."""
        return next((one.deadline for one in self.troubles.values() if one.deadline is not None), None)

    @property
    def help(self) -> str:
        """What the operator does when it is stuck: repair and resume for nothing else."""
        return next((one.help for one in self.troubles.values() if one.help), "")

    @property
    def faults(self) -> list[Fault]:
        """What the environment does."""
        return [fault(saga=self.id) for one in self.troubles.values() for fault in one.faults]

    @property
    def moods(self) -> list[Behaviour]:
        """How the providers behave."""
        return [mood(match=self.id) for one in self.troubles.values() for mood in one.moods]


def _crash(kind: FaultKind, draw: Random, example: Example, times: int = 1) -> Trouble:
    operation = draw.choice(("action", "action", "compensation"))
    step = draw.choice(list(PARTICIPANTS[example.name]))
    return Trouble(faults=(partial(Fault, fault=kind, step=step, operation=operation, times=times),))


def _nothing(draw: Random, example: Example) -> Trouble:
    return Trouble(nothing=draw.choice(("flight", "hotel") if example is TRIP else ("lines", "region")))


def _provider(mood: Callable[..., Behaviour], draw: Random, example: Example, **kwargs: Any) -> Trouble:
    collection = "bookings" if example is TRIP else draw.choice(("charges", "charges", "notices"))
    return Trouble(moods=(partial(mood, collection=collection, **kwargs),))


def _no_undo(draw: Random, example: Example, **kwargs: Any) -> Trouble:
    """The provider takes the order, and does not cancel it."""
    if example is TRIP:
        silent = partial(LATE, collection="bookings", times=None)
        return Trouble(moods=(silent, partial(BROKEN, action="cancel")), **kwargs)
    return Trouble(moods=(NO_REFUND,), nothing=draw.choice(("lines", "region")), **kwargs)


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
    "cannot be undone, and is forgiven": partial(_no_undo, help="forgive"),
    "nobody mends the cause": partial(_no_undo, help="none"),
    "no notice after the pivot": lambda _draw, _example: Trouble(moods=(NO_NOTICE,)),
    "cancelled": lambda _draw, _example: Trouble(later=("cancel",)),
    "cancelled twice": lambda _draw, _example: Trouble(later=("cancel", "cancel")),
    "started twice": lambda _draw, _example: Trouble(later=("start",)),
    "id used again": lambda _draw, _example: Trouble(later=("start otherwise",)),
    "execution stopped": lambda _draw, _example: Trouble(later=("stop",)),
    "short deadline": lambda draw, _example: Trouble(deadline=draw.choice((0, 1, 3))),
}
"""What may be planned for a saga. `execution stopped` means something in one style, the vandals' theft in the other."""


def plan(count: int, seed: int) -> list[Planned]:
    """Draw so many sagas."""
    draw = Random(seed)  # noqa: S311 # repeatable, not secret
    return [_planned(number, draw) for number in range(count)]


def _planned(number: int, draw: Random) -> Planned:
    example = draw.choice((TRIP, ORDER))
    style: Style = draw.choice(("orchestrated", "choreographed"))
    names = [] if draw.random() < CALM else draw.sample(sorted(TROUBLES), k=draw.choice((1, 1, 2)))
    troubles = {name: TROUBLES[name](draw, example) for name in names}
    saga_id = f"soak-{number:05}"
    nothing = [one.nothing for one in troubles.values() if one.nothing]
    later: list[tuple[float, Later]] = [
        (draw.uniform(0.0, 3.0), what) for one in troubles.values() for what in one.later
    ]
    return Planned(
        id=saga_id,
        example=example,
        style=style,
        given=given(example, saga_id, group(number), nothing),
        troubles=troubles,
        later=tuple(sorted(later)),
    )


def group(number: int) -> str:
    """What the names of the shelves begin with that a saga takes from."""
    return f"shelf-{number // SHARED_BY:03}-"


def shelves(count: int, example: Example) -> dict[tuple[str, str], tuple[str, int]]:
    """What is on sale: the attribute and the number, by function and key."""
    found: dict[tuple[str, str], tuple[str, int]] = {}
    for column in (column for column in example.columns.values() if isinstance(column, Stock)):
        for key in sorted({group(number) for number in range(count)}):
            for name, shelf in column.shelves.items():
                item = f"{column.what.upper()}#{key}{name}"
                found[column.function, item] = column.counted_in, STOCK * shelf.takes
            found[column.function, f"{column.what.upper()}#{key}nothing"] = column.counted_in, 0
    return found


def given(example: Example, saga_id: str, key: str, nothing: list[str]) -> Json:
    """The input of a saga that takes from shelves whose names begin with `key`; there is `nothing` of some parts."""
    said: Json = {**example.given(key), "customer": saga_id}
    for part in nothing:
        match part:
            case "flight":
                said["flight"] = {**said["flight"], "number": f"{key}nothing"}
            case "lines":
                said["lines"] = [*said["lines"][:-1], {"article": f"{key}nothing", "pieces": 1}]
            case _:
                said[part] = {**said[part], "name": f"{key}nothing"}
    return said
