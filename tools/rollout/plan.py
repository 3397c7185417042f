"""Which sagas are started, what is done to them, and how each has to end."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
Later = Literal["complete", "reject", "cancel"]
Key = tuple[str, str]
"""A saga's name and id."""
SECONDS: Final = (5.0, 90.0)
"""After so many seconds, at least and at most, a saga that waits is answered or cancelled: deployments later."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Kind:
    """What may happen to a saga.

    Args:
        what: in words, for the report.
        given: its input.
        later: what is done to it after some seconds; None for nothing.
        ends: how it has to end.
    """

    what: str
    given: Mapping[str, Any]
    later: Later | None = None
    ends: Literal["COMPLETED", "COMPENSATED"]


WAITS: Final = {"waits": True}
KINDS: Final = (
    Kind(what="nothing special", given={}, ends="COMPLETED"),
    Kind(what="waits, is approved later", given=WAITS, later="complete", ends="COMPLETED"),
    Kind(what="its steps take a second each", given={"seconds": 1}, ends="COMPLETED"),
    Kind(what="rejected at `send`", given={"rejects": "send"}, ends="COMPENSATED"),
    Kind(what="waits, is rejected later", given=WAITS, later="reject", ends="COMPENSATED"),
    Kind(what="fails at `weigh` until its attempts are used up", given={"fails": "weigh"}, ends="COMPENSATED"),
    Kind(what="waits, is cancelled later", given=WAITS, later="cancel", ends="COMPENSATED"),
)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One saga.

    Args:
        name: of its definition in its style.
        id: its own.
        kind: what happens to it.
        after: seconds after its start until that.
    """

    name: str
    id: str
    kind: Kind
    after: float

    @property
    def key(self) -> Key:
        """Its name and id."""
        return self.name, self.id

    @property
    def given(self) -> Json:
        """Its input."""
        return dict(self.kind.given)


def sagas(names: tuple[str, ...], seed: int) -> "Iterator[tuple[Planned, ...]]":
    """Endless: the same saga under each of these names at a time, all kinds in turn."""
    draw = Random(seed)  # noqa: S311 # repeatable, not secret
    for number in count():
        kind, after = KINDS[number % len(KINDS)], draw.uniform(*SECONDS)
        yield tuple(Planned(name=name, id=f"rollout-{number:05}", kind=kind, after=after) for name in names)
