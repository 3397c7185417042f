"""A saga: named steps in order, and the version that follows from them."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property
from typing import Any, Final, Literal, cast

from cdk_saga.definition.errors import DefinitionError, checked_name, checked_whole
from cdk_saga.definition.parallel import Parallel
from cdk_saga.definition.step import Step
from cdk_saga.limits import EXECUTION_TIME, TRANSACTION

MAX_SAGA_NAME: Final = 64
MAX_STEPS: Final = TRANSACTION.most - 1
"""Turning a saga back fences all its steps in one transaction, and a transaction has at most 100 items."""

MAX_DEADLINE: Final = EXECUTION_TIME.most
"""Seconds: a year, how long an execution may last."""


Part = Step | Parallel
"""A step, or several at the same time."""

OnCompensationFailure = Literal["stop", "continue"]
ON_COMPENSATION_FAILURE: Final[tuple[OnCompensationFailure, ...]] = ("stop", "continue")


@dataclass(frozen=True)
class Saga:
    """A process over several services, each of whose steps can be undone.

    Args:
        name: a letter, then letters, digits, ``-`` or ``_``; at most 64 characters; unique on its bus.
        steps: :class:`Step` and :class:`Parallel`, in the order of their actions; 1 to 99 steps in all, names unique.
        deadline: seconds after its start, 1 to 31,536,000, from which on no further action begins: the saga is then
            rejected by name and compensated, never killed. A step that has begun, and any after the pivot, goes on.
        on_compensation_failure: what follows a compensation that keeps failing. ``"stop"``: nothing, so that the order
            stays strict. ``"continue"``: the earlier steps are undone all the same, and the saga is stuck at the end,
            naming every step that is left. Either way an operator resumes it or skips the step.

    Raises:
        DefinitionError: no steps, too many, a duplicate or unusable name, two pivots, a deadline out of range, another
            word for ``on_compensation_failure``.

    Example:
        >>> hotel = Step("hotel", participant="hotels", action="book_hotel", compensation="cancel_hotel")
        >>> Saga("trip", [hotel]).participants
        ('hotels',)
    """

    name: str
    steps: tuple[Part, ...] = field()
    deadline: int | None = field(default=None)
    on_compensation_failure: OnCompensationFailure = field(default="stop")

    def __init__(
        self,
        name: str,
        steps: Iterable[Part],
        *,
        deadline: int | None = None,
        on_compensation_failure: OnCompensationFailure = "stop",
    ) -> None:
        object.__setattr__(self, "name", checked_name(name, "a saga:", longest=MAX_SAGA_NAME))
        object.__setattr__(self, "steps", _checked_parts(name, tuple(steps)))
        object.__setattr__(self, "deadline", _checked_deadline(name, deadline))
        object.__setattr__(
            self, "on_compensation_failure", _checked_on_compensation_failure(name, on_compensation_failure)
        )

    @cached_property
    def version(self) -> str:
        """The definition's fingerprint, 12 hexadecimal digits: equal definitions, equal versions."""
        text = json.dumps(_declared(self), sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """Every step, those of groups branch by branch."""
        return _steps_of(self.steps)

    @property
    def participants(self) -> tuple[str, ...]:
        """The participants' names, each once, in the order of first use."""
        return tuple(dict.fromkeys(step.participant for step in self.all_steps))


def _declared(value: Any) -> Any:
    """What the author said: a property that the library gains later must not give every saga another version."""
    if isinstance(value, tuple):
        return [_declared(part) for part in cast(tuple[Any, ...], value)]
    if not is_dataclass(value):
        return value
    told = {field.name: getattr(value, field.name) for field in fields(value)}
    defaults = {field.name: field.default for field in fields(value)}
    return {name: _declared(said) for name, said in told.items() if said != defaults[name]}


def _steps_of(parts: Iterable[Part]) -> tuple[Step, ...]:
    return tuple(step for part in parts for step in ((part,) if isinstance(part, Step) else part.steps))


def _checked_parts(saga: str, parts: tuple[Part, ...]) -> tuple[Part, ...]:
    for part in parts:
        if not isinstance(part, Step | Parallel):  # pyright: ignore[reportUnnecessaryIsInstance] # callers may be untyped
            raise DefinitionError(f"saga {saga!r}: {part!r} is not a step; use Step(...) or Parallel(...)")
    steps = _steps_of(parts)
    if not 1 <= len(steps) <= MAX_STEPS:
        raise DefinitionError(f"saga {saga!r} has {len(steps)} steps: give it 1 to {MAX_STEPS}")
    names = [step.name for step in steps] + [part.name for part in parts if isinstance(part, Parallel)]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise DefinitionError(f"saga {saga!r} has two steps named {twice!r}: rename one")
    if len(pivots := [step.name for step in steps if step.pivot]) > 1:
        raise DefinitionError(f"saga {saga!r} has the pivots {pivots}: there is one point of no return, keep the first")
    return parts


def _checked_deadline(saga: str, deadline: int | None) -> int | None:
    if deadline is None:
        return None
    return checked_whole(
        deadline, f"saga {saga!r}: deadline", least=1, most=MAX_DEADLINE, unit="None, or whole seconds"
    )


def _checked_on_compensation_failure(saga: str, word: OnCompensationFailure) -> OnCompensationFailure:
    if word not in ON_COMPENSATION_FAILURE:
        raise DefinitionError(
            f"saga {saga!r}: on_compensation_failure is {word!r}; use one of {', '.join(ON_COMPENSATION_FAILURE)}"
        )
    return word
