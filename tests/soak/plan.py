"""What is sent, and what goes wrong: drawn anew for every seed, the same for the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, Literal

from demo.business_trip import BUSINESS_TRIP
from demo.example import Example, Stock
from demo.order import ORDER
from demo.trip import TRIP
from emulator.faults import Fault
from emulator.provider.modes import Behaviour
from soak.troubles import OF_PROVIDERS, TROUBLES, Later, Trouble

Json = dict[str, Any]
Style = Literal["orchestrated", "choreographed"]

CALM: Final = 0.3
"""The share of sagas that nothing is planned for; the vandals may still hit them."""
SHARED_BY: Final = 50
"""Sagas that take from the same shelves: most of these suffice, some run out."""
STOCK: Final = 11
"""Of a shelf, times what a saga takes."""
DEAR: Final = 90_000
"""Cents of a business trip that somebody has to approve."""
TOO_LATE: Final = 60.0
"""Seconds after which nobody waits for an answer any more."""
ANSWERS: Final[tuple[tuple[tuple[float, Later], ...], ...]] = (
    ((1.0, "yes"),),
    ((1.0, "no"),),
    ((1.0, "yes"), (2.0, "yes")),
    ((1.0, "yes"), (2.0, "no")),
    ((TOO_LATE, "yes"),),
    (),
)
"""What is said about a dear trip, from so many seconds on; who is asked later than that answers later."""


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
    def provider_modes(self) -> list[Behaviour]:
        """How the providers behave."""
        return [mode(match=self.id) for one in self.troubles.values() for mode in one.provider_modes]


def plan(count: int, seed: int) -> list[Planned]:
    """Draw so many sagas."""
    draw = Random(seed)  # noqa: S311 # repeatable, not secret
    return [_planned(number, draw) for number in range(count)]


def _planned(number: int, draw: Random) -> Planned:
    example = draw.choice((TRIP, ORDER, BUSINESS_TRIP))
    style: Style = draw.choice(("orchestrated", "choreographed"))
    possible = sorted(set(TROUBLES) - (OF_PROVIDERS if example is BUSINESS_TRIP else set[str]()))
    names = [] if draw.random() < CALM else draw.sample(possible, k=draw.choice((1, 1, 2)))
    troubles = {name: TROUBLES[name](draw, example) for name in names}
    saga_id = f"soak-{number:05}"
    nothing = [one.nothing for one in troubles.values() if one.nothing]
    changes, answers = _dear(draw) if example is BUSINESS_TRIP else ({}, ())
    later: list[tuple[float, Later]] = [
        (draw.uniform(0.0, 3.0), what) for one in troubles.values() for what in one.later
    ]
    return Planned(
        id=saga_id,
        example=example,
        style=style,
        given={**given(example, saga_id, group(number), nothing), **changes},
        troubles=troubles,
        later=tuple(sorted((*later, *answers))),
    )


def _dear(draw: Random) -> tuple[Json, tuple[tuple[float, Later], ...]]:
    """Every other business trip is approved at once; of the others somebody is asked."""
    return ({"trip": {"cents": DEAR}}, draw.choice(ANSWERS)) if draw.random() < 1 / 2 else ({}, ())


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
