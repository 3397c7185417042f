"""The words of a case: what is sent, what goes wrong on the way, and how it has to end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Literal

from emulator.faults import Fault
from emulator.provider.modes import Behaviour

COMPLETED: Final = "COMPLETED"
COMPENSATED: Final = "COMPENSATED"
PARTIALLY_COMPENSATED: Final = "PARTIALLY_COMPENSATED"
STUCK: Final = "STUCK"
Json = Mapping[str, Any]

PATIENCE: Final = 600.0
"""Seconds, longer than anybody waits for a provider's answer."""
SILENT_ONCE: Final = partial(Behaviour, mode="late", seconds=PATIENCE)
SILENT: Final = partial(SILENT_ONCE, times=None)
"""It does what it is asked, and does not say so."""
REFUSES: Final = partial(Behaviour, mode="refuse", times=None)
BROKEN: Final = partial(Behaviour, mode="fail", times=None)


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
class Order:
    """Somebody gives an order through the runtime's client, to the saga `a`.

    Args:
        order: which one.
        once: what the ledger says before: of the saga, such as `STUCK at payment`, or of a step, such as
            `payment STARTED`.
        repaired: whether the providers behave well again before.
        skipped: the step to skip.
        answered: the step that waits, to `complete` or `reject`.
        result: of the step that waits.
        reason: why.
        refused: whether it has to be.
    """

    order: Literal["cancel", "resume", "skip", "complete", "reject"]
    once: str = ""
    repaired: bool = False
    skipped: str = ""
    answered: str = ""
    result: Json = field(default_factory=dict[str, Any])
    reason: str = ""
    refused: bool = False


@dataclass(frozen=True, kw_only=True)
class Smuggled:
    """A command handed to the first step behind the client's back; it has to be refused.

    Args:
        task: changes to the usual task; None for a message without one.
        saga: changes to the usual saga.
    """

    task: Json | None = field(default_factory=dict[str, Any])
    saga: Json = field(default_factory=dict[str, Any])


Send = Start | Order | Smuggled


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case.

    Args:
        name: what happens, in a few words.
        sends: what is sent, one after the other.
        stock: what is there before, by shelf, where that is not as usual.
        fault: what the environment does to a saga, given `saga`, its id.
        moods: how the providers treat its sagas' orders, given `match`, a part of their keys.
        ends: how its sagas have to end, in any order.
        keeps: effects that stay although the saga did not complete, by column.
        transitions: of all its sagas together, orchestrated.
        messages: on the bus, of all its sagas together, choreographed; None where that is a matter of who comes first.
        waits: whether leases or visibility time-outs pass, in real time; such a case runs beside the others.
        anywhere: whether it also runs in an AWS account, where neither the environment nor a provider does what a case
            wants: it asks no provider, needs no fault and no shorter waits than the definition's.
    """

    name: str
    sends: tuple[Send, ...] = (Start(),)
    stock: Mapping[str, int] = field(default_factory=dict[str, int])
    fault: Callable[..., Fault] | None = None
    provider_modes: tuple[Callable[..., Behaviour], ...] = ()
    ends: tuple[str, ...]
    keeps: Mapping[str, int] = field(default_factory=dict[str, int])
    transitions: int | None
    messages: int | None
    waits: bool = False
    anywhere: bool = False

    @property
    def refusals(self) -> int:
        """How often something has to be refused, at once or later."""
        return sum(isinstance(send, Smuggled) or bool(send.refused) for send in self.sends)

    @property
    def gets_stuck(self) -> bool:
        """Whether somebody has to help."""
        return any(isinstance(send, Order) and send.once.startswith(STUCK) for send in self.sends)

    @property
    def slug(self) -> str:
        """The name, fit for an id."""
        return "-".join(self.name.replace(",", "").split())
