"""The cases: what is sent, what goes wrong on the way, and how it has to end. Data only; each runs in both styles."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Literal

from emulator.faults import Fault
from emulator.provider.moods import Behaviour

COMPLETED: Final = "COMPLETED"
COMPENSATED: Final = "COMPENSATED"
Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Start:
    """Somebody starts a saga through the runtime's client.

    Args:
        saga: which of the case's sagas; several starts may name the same.
        changes: parts of the usual input, replaced.
        refused: by whom, if it has to be: the `client`, before anything is sent, or the `ledger`, because the id is
            taken. In the choreographed style the latter shows later, in the dead-letter queue.
    """

    saga: str = "a"
    changes: Json = field(default_factory=dict[str, Any])
    refused: Literal["client", "ledger"] | None = None


@dataclass(frozen=True, kw_only=True)
class Smuggled:
    """A command handed to the first step behind the client's back; it has to be refused.

    Args:
        task: changes to the usual task; None for a message without one.
        saga: changes to the usual saga.
    """

    task: Json | None = field(default_factory=dict[str, Any])
    saga: Json = field(default_factory=dict[str, Any])


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case.

    Args:
        name: what happens, in a few words.
        sends: what is sent, one after the other.
        seats: on the flight, before.
        rooms: in the hotel, before.
        fault: what the environment does to a saga, given `saga`, its id.
        mood: how the provider treats their transfers, given `match`, a part of their keys.
        ends: how its sagas have to end, in any order.
        transitions: of all its sagas together, orchestrated.
        messages: on the bus, of all its sagas together, choreographed; None where that is a matter of who comes first.
        waits: whether leases or visibility time-outs pass, in real time; such a case runs beside the others.
    """

    name: str
    sends: tuple[Start | Smuggled, ...] = (Start(),)
    seats: int = 5
    rooms: int = 5
    fault: Callable[..., Fault] | None = None
    mood: Callable[..., Behaviour] | None = None
    ends: tuple[str, ...]
    transitions: int
    messages: int | None
    waits: bool = False

    @property
    def refusals(self) -> int:
        """How often something has to be refused, at once or later."""
        return sum(isinstance(send, Smuggled) or send.refused is not None for send in self.sends)

    @property
    def slug(self) -> str:
        """The name, fit for an id."""
        return "-".join(self.name.replace(",", "").split())


TOO_LONG: Final = {"flight": {"number": "LH1", "seats": 10**39}}
"""DynamoDB holds 38 digits."""

PATIENCE: Final = 600.0
"""Seconds, longer than anybody waits for the provider's answer."""

CASES: Final = (
    Case(name="all goes well", ends=(COMPLETED,), transitions=3, messages=4),
    Case(name="flight full", seats=0, ends=(COMPENSATED,), transitions=2, messages=2),
    Case(name="hotel full", rooms=0, ends=(COMPENSATED,), transitions=4, messages=4),
    Case(name="no transfer", mood=partial(Behaviour, mode="refuse"), ends=(COMPENSATED,), transitions=6, messages=6),
    Case(
        name="provider silent once",
        mood=partial(Behaviour, mode="late", seconds=PATIENCE),
        ends=(COMPLETED,),
        transitions=3,
        messages=4,
        waits=True,
    ),
    Case(
        name="provider stays silent",
        mood=partial(Behaviour, mode="late", times=None, seconds=PATIENCE),
        ends=(COMPENSATED,),
        transitions=7,
        messages=7,
        waits=True,
    ),
    Case(
        name="crash after commit",
        fault=partial(Fault, fault="crash-after-commit", step="hotel", operation="action"),
        ends=(COMPLETED,),
        transitions=3,
        messages=4,
        waits=True,
    ),
    Case(
        name="crash after undoing",
        fault=partial(Fault, fault="crash-after-commit", step="hotel", operation="compensation"),
        mood=partial(Behaviour, mode="refuse"),
        ends=(COMPENSATED,),
        transitions=6,
        messages=6,
        waits=True,
    ),
    Case(
        name="all delivered twice",
        fault=partial(Fault, fault="duplicate", times=None),
        ends=(COMPLETED,),
        transitions=3,
        messages=1 + 2 + 4 + 8,
    ),
    Case(
        name="all undone twice",
        fault=partial(Fault, fault="duplicate", times=None),
        mood=partial(Behaviour, mode="refuse", times=None),
        ends=(COMPENSATED,),
        transitions=6,
        messages=None,  # an action that comes after its compensation says nothing
    ),
    Case(
        name="same id started twice",
        sends=(Start(), Start(), Start(changes={"remark": "window seat"}, refused="ledger")),
        ends=(COMPLETED,),
        transitions=3,
        messages=4 + 4 + 1,
        waits=True,
    ),
    Case(
        name="two for the last seat",
        sends=(Start(saga="a"), Start(saga="b")),
        seats=1,
        ends=(COMPLETED, COMPENSATED),
        transitions=3 + 2,
        messages=4 + 2,
    ),
    Case(
        name="odd saga id",
        sends=(Start(saga="a/b?", refused="client"), Smuggled(saga={"id": "a/b?"})),
        ends=(),
        transitions=0,
        messages=0,
        waits=True,
    ),
    Case(
        name="number too long",
        sends=(Start(changes=TOO_LONG, refused="client"), Smuggled(saga={"input": TOO_LONG})),
        ends=(),
        transitions=0,
        messages=0,
        waits=True,
    ),
    Case(
        name="unknown handler",
        sends=(Smuggled(task={"handler": "book_train"}),),
        ends=(),
        transitions=0,
        messages=0,
        waits=True,
    ),
    Case(name="malformed message", sends=(Smuggled(task=None),), ends=(), transitions=0, messages=0, waits=True),
)
