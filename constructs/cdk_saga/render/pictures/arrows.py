"""The arrows of a plan: where each outcome leads, outcomes with the same target together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cdk_saga.plan import Fork, Join, Outcome, Plan, Target, Task, TaskId


@dataclass(frozen=True)
class Arrow:
    """One arrow.

    Args:
        source: where it begins; the :class:`~cdk_saga.plan.Join` of a group for what its outcomes as a whole mean.
        to: where it leads.
        outcomes: those that take it.
    """

    source: Target
    to: Target
    outcomes: tuple[Outcome, ...]

    @property
    def label(self) -> str:
        """The outcomes in words; empty for the expected one."""
        return "" if self.outcomes in EXPECTED else " or ".join(self.outcomes)


EXPECTED = ((Outcome.SUCCEEDED,), (Outcome.COMPENSATED,))


def of_tasks(plan: Plan) -> list[Arrow]:
    """The arrows that begin at a task; a member's failure is its group's, and not drawn twice."""
    return [arrow for task in plan.tasks for arrow in _merged(task.id, _outcomes(task))]


def of_groups(plan: Plan) -> list[Arrow]:
    """The arrows that begin where all members of a group are through."""
    return [arrow for group in plan.groups for arrow in _merged(Join(group.id.group, group.id.operation), group.on)]


def heads(plan: Plan, fork: Fork) -> Iterator[TaskId]:
    """The tasks that a group begins with."""
    return (branch[0] for branch in plan.group(fork).branches)


def _outcomes(task: Task) -> Mapping[Outcome, Target]:
    if task.group is None:
        return task.on
    return {outcome: target for outcome, target in task.on.items() if isinstance(target, TaskId | Join)}


def _merged(source: Target, on: Mapping[Outcome, Target]) -> list[Arrow]:
    outcomes: dict[Target, tuple[Outcome, ...]] = {}
    for outcome, target in on.items():
        outcomes[target] = (*outcomes.get(target, ()), outcome)
    return [Arrow(source, target, those) for target, those in outcomes.items()]
