"""The words of a plan: tasks, their outcomes, and where each outcome leads."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from cdk_saga.definition import Retry

STARTED: Final = "saga.started"
"""The detail-type of the event that starts a saga."""


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


@dataclass(frozen=True)
class Fork:
    """All branches of a group begin."""

    group: str
    operation: Operation


@dataclass(frozen=True)
class Join:
    """One branch of a group is through; when all are, the group is."""

    group: str
    operation: Operation


Target = TaskId | Fork | Join | Ending


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
        after_pivot: whether it comes after the pivot, so that failing means stuck.
        group: the group it is a member of.
        callback_timeout: seconds it may wait for a callback.
    """

    id: TaskId
    participant: str
    handler: str
    retry: Retry
    on: Mapping[Outcome, Target]
    first: bool = False
    pivot: bool = False
    after_pivot: bool = False
    group: str | None = None
    callback_timeout: int | None = None


@dataclass(frozen=True, kw_only=True)
class Group:
    """A row for several tasks at the same time.

    Args:
        id: which group, in which direction.
        branches: the tasks that follow one another in each branch.
        on: where the outcomes of the whole lead.
    """

    id: Fork
    branches: tuple[tuple[TaskId, ...], ...]
    on: Mapping[Outcome, Target]

    @property
    def members(self) -> list[str]:
        """The steps of all branches."""
        return [task.step for branch in self.branches for task in branch]
