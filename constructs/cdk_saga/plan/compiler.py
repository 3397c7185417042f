"""From a definition to its transition table.

The rules are those of Garcia-Molina and Salem, "Sagas" (1987), with one more outcome: unknown.
"""

from collections.abc import Sequence
from itertools import pairwise

from cdk_saga.definition import NOTHING_TO_UNDO, Parallel, Saga, Step
from cdk_saga.definition.saga import Part
from cdk_saga.plan.table import Plan
from cdk_saga.plan.words import Ending, Fork, Group, Join, Operation, Outcome, Target, Task, TaskId

ACTION, COMPENSATION = Operation.ACTION, Operation.COMPENSATION


def compile_saga(saga: Saga) -> Plan:
    """The plan of ``saga``: for each task, where to go on each outcome."""
    continue_on_failure = saga.on_compensation_failure == "continue"
    parts = [_CompiledPart(saga.steps, i, continue_on_failure=continue_on_failure) for i in range(len(saga.steps))]
    actions = [task for part in parts for task in part.actions()]
    compensations = [task for part in reversed(parts) for task in part.compensations()]
    groups = [group for part in parts for group in part.groups()]
    tasks = (*actions, *compensations)
    return Plan(saga.name, saga.version, _head(saga.steps[0]), tasks, tuple(groups), saga.deadline)


class _CompiledPart:
    """One part of a saga, between what comes before and after it."""

    def __init__(self, parts: Sequence[Part], i: int, *, continue_on_failure: bool) -> None:
        self.part = parts[i]
        self.continue_on_failure = continue_on_failure
        self.first = i == 0
        self.then: Target = _head(parts[i + 1]) if i + 1 < len(parts) else Ending.COMPLETED
        self.before = _compensation_start(parts[:i])
        # An unknown action may have happened, so compensation begins at the failing part itself.
        self.own = _compensation_start(parts[: i + 1])
        turn = next((j for j, part in enumerate(parts) if isinstance(part, Step) and part.pivot), len(parts) - 1)
        self.after_pivot = i > turn

    def actions(self) -> list[Task]:
        if isinstance(self.part, Step):
            # What waits for an answer has asked, so a rejection undoes the step itself too.
            back = self.before if self.part.callback_timeout is None else self.own
            rejected = Ending.STUCK if self.after_pivot else back
            return [self._action(self.part, self.then, rejected, first=self.first)]
        join = Join(self.part.name, ACTION)
        return [task for branch in self.part.branches for task in self._branch(branch, join)]

    def _branch(self, branch: Sequence[Step], join: Join) -> list[Task]:
        # Any member may have happened when one of them fails, so a rejection undoes the whole group too.
        rejected = Ending.STUCK if self.after_pivot else self.own
        targets: list[Target] = [*(TaskId(step.name, ACTION) for step in branch[1:]), join]
        return [
            self._action(step, then, rejected, first=self.first and step is branch[0])
            for step, then in zip(branch, targets, strict=True)
        ]

    def _action(self, step: Step, then: Target, rejected: Target, *, first: bool) -> Task:
        unknown = Ending.STUCK if self.after_pivot else self.own
        return Task(
            id=TaskId(step.name, ACTION),
            participant=step.participant,
            handler=step.action,
            retry=step.retry,
            on={Outcome.SUCCEEDED: then, Outcome.REJECTED: rejected, Outcome.UNKNOWN: unknown},
            first=first,
            pivot=step.pivot,
            after_pivot=self.after_pivot,
            group=self._group,
            callback_timeout=step.callback_timeout,
        )

    def compensations(self) -> list[Task]:
        if self.after_pivot:
            return []
        if isinstance(self.part, Step):
            return [self._compensation(step, self.before) for step in _undoable([self.part])]
        join = Join(self.part.name, COMPENSATION)
        return [task for branch in self.part.branches for task in self._branch_compensations(_undoable(branch), join)]

    def _branch_compensations(self, branch: Sequence[Step], join: Join) -> list[Task]:
        earlier = [(step, TaskId(before.name, COMPENSATION)) for step, before in pairwise(branch)]
        last: list[tuple[Step, Target]] = [(step, join) for step in branch[-1:]]
        return [self._compensation(step, target) for step, target in [*earlier, *last]]

    def _compensation(self, step: Step, then: Target) -> Task:
        return Task(
            id=TaskId(step.name, COMPENSATION),
            participant=step.participant,
            handler=str(step.compensation),
            retry=step.compensation_retry,
            on={Outcome.COMPENSATED: then, Outcome.STUCK: self._stuck(then)},
            group=self._group,
        )

    def groups(self) -> list[Group]:
        if isinstance(self.part, Step):
            return []
        failed = Ending.STUCK if self.after_pivot else self.own
        on: dict[Outcome, Target] = {Outcome.REJECTED: failed, Outcome.UNKNOWN: failed}
        there = _row(Fork(self.part.name, ACTION), self.part.branches, {Outcome.SUCCEEDED: self.then, **on})
        back = [undoable for branch in self.part.branches if (undoable := _undoable(branch))]
        if self.after_pivot or not back:
            return [there]
        stuck = {Outcome.STUCK: self._stuck(self.before)} if self.continue_on_failure else {}
        return [there, _row(Fork(self.part.name, COMPENSATION), back, {Outcome.COMPENSATED: self.before, **stuck})]

    def _stuck(self, then: Target) -> Target:
        """Where a compensation leads that keeps failing, ``then`` being where it leads otherwise."""
        return then if self.continue_on_failure and then is not Ending.COMPENSATED else Ending.STUCK

    @property
    def _group(self) -> str | None:
        return self.part.name if isinstance(self.part, Parallel) else None


def _row(id: Fork, branches: Sequence[Sequence[Step]], on: dict[Outcome, Target]) -> Group:
    tasks = tuple(tuple(TaskId(step.name, id.operation) for step in branch) for branch in branches)
    return Group(id=id, branches=tasks, on=on)


def _head(part: Part) -> Target:
    return TaskId(part.name, ACTION) if isinstance(part, Step) else Fork(part.name, ACTION)


def _undoable(steps: Sequence[Step]) -> list[Step]:
    """The steps that leave something to undo, last first."""
    return [step for step in reversed(steps) if step.compensation is not NOTHING_TO_UNDO]


def _compensation_start(parts: Sequence[Part]) -> Target:
    """The compensation of the last of ``parts`` that has one; with none, everything is undone."""
    for part in reversed(parts):
        if isinstance(part, Step) and _undoable([part]):
            return TaskId(part.name, COMPENSATION)
        if isinstance(part, Parallel) and _undoable(part.steps):
            return Fork(part.name, COMPENSATION)
    return Ending.COMPENSATED
