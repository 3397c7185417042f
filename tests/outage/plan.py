"""What is sent before, while and after something is down, where that leads, and how each has to end."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from demo.business_trip import BUSINESS_TRIP
from demo.cases import COMPENSATED, COMPLETED, SILENT
from demo.example import Example
from demo.order import ORDER
from demo.trip import TRIP
from emulator.provider.modes import Behaviour
from soak.plan import Planned, Style, given, group
from soak.troubles import Trouble

When = Literal["before", "during", "after"]
STYLES: Final[tuple[Style, ...]] = ("orchestrated", "choreographed")
DEAR: Final = {"trip": {"cents": 90_000}}
"""A business trip that somebody has to approve."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What may happen to a saga of one example, in either style.

    Args:
        example: which.
        when: it is started, seen from the outage.
        how: what is special about it, in words.
        mood: how its provider behaves before.
        changes: parts of the usual input, replaced.
        once: what the ledger says of it when the outage begins.
        order: what is told to it while it lasts.
        stuck_at: where it waits for an operator when it is over; empty for nowhere.
        ends: how it has to end.
    """

    example: Example
    when: When
    how: str
    mode: partial[Behaviour] | None = None
    changes: dict[str, Any] | None = None
    once: str = ""
    order: Literal["", "cancel", "approve"] = ""
    stuck_at: str = ""
    ends: str


_silent = partial(partial, SILENT)
BEFORE: Final = partial(Kind, when="before")
DURING: Final = partial(Kind, when="during", ends=COMPENSATED)
AFTER: Final = partial(Kind, when="after", how="started", ends=COMPLETED)
KINDS: Final = (
    BEFORE(example=TRIP, how="done", once="transfer DONE", ends=COMPLETED),
    BEFORE(
        example=TRIP,
        how="its transfer is at work",
        mode=_silent(collection="bookings"),
        once="transfer STARTED",
        stuck_at="transfer",
        ends=COMPENSATED,
    ),
    BEFORE(
        example=ORDER,
        how="its payment is at work",
        mode=_silent(collection="charges"),
        once="payment STARTED",
        stuck_at="payment",
        ends=COMPENSATED,
    ),
    BEFORE(
        example=ORDER,
        how="past its pivot, its notice is at work",
        mode=_silent(collection="notices"),
        once="notice STARTED",
        stuck_at="notice",
        ends=COMPLETED,
    ),
    BEFORE(
        example=BUSINESS_TRIP,
        how="waits for its approval, which comes during it",
        changes=DEAR,
        once="approval PENDING",
        order="approve",
        ends=COMPENSATED,
    ),
    DURING(example=TRIP, how="started"),
    DURING(example=ORDER, how="started", stuck_at="payment"),
    DURING(example=ORDER, how="started and cancelled", order="cancel", stuck_at="payment"),
    DURING(example=BUSINESS_TRIP, how="started"),
    *(AFTER(example=example) for example in (TRIP, ORDER, BUSINESS_TRIP)),
)
"""Who is down is the provider of transfers, payments and notices, and the hotels. What the latter never did needs none
of theirs to be undone: it is fenced in the ledger."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A saga and what it is for."""

    kind: Kind
    saga: Planned

    @property
    def key(self) -> tuple[str, str]:
        """Its name and id."""
        return self.saga.name, self.saga.id


def plan(rounds: int) -> list[Sent]:
    """Every kind in every style; those started while it lasts, so many times."""
    kinds = [kind for kind in KINDS for _ in range(rounds if kind.when == "during" else 1)]
    return list(_sent([(kind, style) for kind in kinds for style in STYLES]))


def _sent(wanted: list[tuple[Kind, Style]]) -> Iterator[Sent]:
    for number, (kind, style) in enumerate(wanted):
        saga_id = f"outage-{number:05}"
        troubles = {kind.how: Trouble(provider_modes=(kind.mode,))} if kind.mode else {}
        saga = Planned(
            id=saga_id,
            example=kind.example,
            style=style,
            given={**given(kind.example, saga_id, group(number), []), **(kind.changes or {})},
            troubles=troubles,
        )
        yield Sent(kind=kind, saga=saga)
