"""What a saga has to live through: which steps fail and how, who was there before, in which order things happen."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from cdk_saga.definition import NOTHING_TO_UNDO, Saga
from cdk_saga.testing.check.subject import Style

How = Literal["rejected", "before", "after"]
Answer = Literal["yes", "no", "never", "twice", "late"]
ORDERS: Final = 5
"""Random orders of everything, for each saga that is struck."""


@dataclass(frozen=True)
class Failing:
    """A task that fails at each attempt, until it is repaired.

    Attributes:
        task: ``<step>.action`` or ``<step>.compensation``.
        how: ``rejected``: a definite no. ``before``: it fails before its handler begins; ``after``: when it is through.
    """

    task: str
    how: How


@dataclass(frozen=True)
class Answered:
    """A step that waits, and what it is told.

    Attributes:
        step: which.
        answer: ``never``: nothing, until its time is over. ``late``: yes, when the saga has long gone back.
    """

    step: str
    answer: Answer


@dataclass(frozen=True)
class Scenario:
    """What a saga lives through.

    Attributes:
        style: how it is rendered.
        input: the number of its input.
        failing: the tasks that fail.
        neighbour: whether another saga of the same input has completed before.
        order: the seed of a random order, with every task delivered twice and two more faults; ``None``: calm.
        struck: whether it is struck by every single fault in turn.
        answered: a step that waits and what it is told, if that is not a timely yes.
    """

    style: Style
    input: int
    failing: tuple[Failing, ...] = ()
    neighbour: bool = False
    order: int | None = None
    struck: bool = False
    answered: Answered | None = None

    @property
    def is_clean(self) -> bool:
        """Whether nothing goes wrong in it."""
        return not (self.failing or self.neighbour or self.answered) and self.order is None

    @property
    def unanswered(self) -> str:
        """The step that asks and gets no yes; empty for none."""
        return self.answered.step if self.answered and self.answered.answer in {"no", "never", "late"} else ""


def scenarios(
    saga: Saga, style: Style, input: int, *, completes: bool, asking: Collection[str] = ()
) -> Iterator[Scenario]:
    """Everything that a saga with one input lives through; little, when its input does not let it complete.

    Args:
        saga: the definition.
        style: how it is rendered.
        input: the number of its input.
        completes: whether that lets it complete.
        asking: the steps that wait for an answer then.
    """
    yield Scenario(style, input, struck=True)
    if not completes:
        return
    turning = _turning(saga)
    for step in saga.all_steps:
        ways: tuple[How, ...] = ("rejected", "before", "after")
        for how in ways:
            failing = (Failing(f"{step.name}.action", how),)
            yield Scenario(style, input, failing, struck=step.name == turning and how != "before")
            yield Scenario(style, input, failing, neighbour=True)
    aborted = Failing(f"{turning}.action", "after")
    for step in saga.all_steps:
        if step.compensation is not NOTHING_TO_UNDO:
            for how in ("before", "after"):
                yield Scenario(style, input, (aborted, Failing(f"{step.name}.compensation", how)))
    yield from _answered(saga, style, input, asking)
    for order in range(ORDERS):
        yield Scenario(style, input, order=order)
        yield Scenario(style, input, (aborted,), order=order)


def _answered(saga: Saga, style: Style, given: int, asking: Collection[str]) -> Iterator[Scenario]:
    """Each step that waits is told each thing; past the pivot there is no compensation, and so only yes."""
    forward = False
    for step in saga.all_steps:
        if step.name in asking:
            answers: tuple[Answer, ...] = ("twice", "late") if forward else ("no", "never", "twice", "late")
            for answer in answers:
                yield Scenario(style, given, answered=Answered(step.name, answer), struck=answer == "no")
                yield Scenario(style, given, answered=Answered(step.name, answer), neighbour=True)
        forward = forward or step.pivot


def _turning(saga: Saga) -> str:
    """The last step whose failing aborts the saga."""
    names = [step.name for step in saga.all_steps]
    return next((step.name for step in saga.all_steps if step.pivot), names[-1])
