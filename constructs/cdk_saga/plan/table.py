"""The words of a plan: tasks, their outcomes, and where each outcome leads."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from cdk_saga.definition import Retry


class Operation(StrEnum):
    """The two directions of a step."""

    ACTION = "action"
    COMPENSATION = "compensation"


class Outcome(StrEnum):
    """How a task can end; each is the second half of an event's detail-type."""

    SUCCEEDED = "succeeded"
    """An action happened."""
    REJECTED = "rejected"
    """An action definitely did not and will not happen."""
    UNKNOWN = "unknown"
    """An action may have happened: crash, time-out, retries used up."""
    COMPENSATED = "compensated"
    """A compensation is through: the effect is gone or never was."""
    STUCK = "stuck"
    """Retries are used up where nothing else is left to do: of a compensation, or of an action after the pivot."""


class Ending(StrEnum):
    """How a saga can end."""

    COMPLETED = "COMPLETED"
    COMPENSATED = "COMPENSATED"
    STUCK = "STUCK"

    @property
    def event(self) -> str:
        """The detail-type that announces it."""
        return f"saga.{self.lower()}"


class TaskId(NamedTuple):
    """One direction of one step."""

    step: str
    operation: Operation


Target = TaskId | Ending


@dataclass(frozen=True, kw_only=True)
class Task:
    """A row of the table.

    Args:
        id: which task this is.
        participant: who carries it out.
        handler: the participant's handler for it.
        retry: further attempts after an unknown outcome.
        on: where each of its outcomes leads.
        first: whether the saga starts here.
        pivot: whether its success is the point of no return.
        forward: whether it comes after the pivot, so that failing means stuck.
    """

    id: TaskId
    participant: str
    handler: str
    retry: Retry
    on: Mapping[Outcome, Target]
    first: bool = False
    pivot: bool = False
    forward: bool = False

    @property
    def payload(self) -> dict[str, Any]:
        """The constant half of the command a participant receives; position flags included, so it needs no plan."""
        ends = {
            outcome.value: target.value
            for outcome, target in self.on.items()
            if isinstance(target, Ending) and target is not Ending.STUCK
        }
        flags = {"first": self.first, "pivot": self.pivot, "forward": self.forward}
        return {
            "step": self.id.step,
            "operation": self.id.operation.value,
            "handler": self.handler,
            **{flag: True for flag, holds in flags.items() if holds},
            **({"ends": ends} if ends else {}),
        }


@dataclass(frozen=True)
class Plan:
    """A saga's transition table.

    Args:
        saga: the saga's name.
        version: the definition's fingerprint.
        tasks: the actions in their order, then the compensations in the order of the way back.
    """

    saga: str
    version: str
    tasks: tuple[Task, ...]

    @property
    def start(self) -> Task:
        """Where a saga begins."""
        return next(task for task in self.tasks if task.first)

    @property
    def handlers(self) -> dict[str, list[str]]:
        """The handlers of each step, action first: all that may be carried out in the saga's name."""
        steps: dict[str, list[str]] = {}
        for task in self.tasks:
            steps.setdefault(task.id.step, []).append(task.handler)
        return steps

    @property
    def turn(self) -> str | None:
        """The last step that can be undone, where the way back of the whole saga begins; ``None`` when none can."""
        return next((task.id.step for task in self.tasks if task.id.operation is Operation.COMPENSATION), None)

    def sources(self, target: TaskId) -> tuple[tuple[TaskId, Outcome], ...]:
        """The tasks and outcomes that lead to ``target``."""
        return tuple((task.id, outcome) for task in self.tasks for outcome, to in task.on.items() if to == target)
