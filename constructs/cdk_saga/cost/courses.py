"""The ways a saga can go: everything well, or one step failing in either manner."""

from collections.abc import Iterator
from dataclasses import dataclass

from cdk_saga.plan import Ending, Group, Operation, Outcome, Plan, Target, Task, TaskId


@dataclass(frozen=True, kw_only=True)
class Course:
    """One way through a plan.

    Args:
        name: what happens, e.g. ``hotel rejected``.
        tasks: those that were called, in their order.
        groups: how often several began at the same time.
        ending: how the saga ends.
        given_up: the task all of whose attempts were in vain.
    """

    name: str
    tasks: tuple[Task, ...]
    groups: int
    ending: Ending
    given_up: Task | None = None

    @property
    def attempts(self) -> int:
        """Calls of functions: those in vain are repeated as the step's policy says."""
        return len(self.tasks) + (self.given_up.retry.attempts if self.given_up else 0)


def courses(plan: Plan) -> list[Course]:
    """The happy course of ``plan``, then each action failing, rejected and unknown; compensations succeed."""
    actions = [task for task in plan.tasks if task.id.operation is Operation.ACTION]
    failures = [(task, outcome) for task in actions for outcome in (Outcome.REJECTED, Outcome.UNKNOWN)]
    return [_course(plan, None, None), *(_course(plan, task, outcome) for task, outcome in failures)]


def _course(plan: Plan, failing: Task | None, outcome: Outcome | None) -> Course:
    by_id = {task.id: task for task in plan.tasks}
    tasks: list[Task] = []
    groups = 0
    target: Target = plan.start
    while not isinstance(target, Ending):
        if isinstance(target, TaskId):
            tasks.append(by_id[target])
            target = _after(by_id[target], failing, outcome)
        else:
            group = plan.group(target)
            members = [by_id[id] for id in _ids(group)]
            tasks += members
            groups += 1
            # The others may be at work when one fails; the dearest case is that all of them were.
            target = _outcome(group, members, failing, outcome)
    return Course(
        name=f"{failing.id.step} {outcome}" if failing else "all goes well",
        tasks=tuple(tasks),
        groups=groups,
        ending=target,
        given_up=failing if outcome is Outcome.UNKNOWN else None,
    )


def _after(task: Task, failing: Task | None, outcome: Outcome | None) -> Target:
    if task is failing and outcome:
        return task.on[outcome]
    return task.on[Outcome.SUCCEEDED if task.id.operation is Operation.ACTION else Outcome.COMPENSATED]


def _outcome(group: Group, members: list[Task], failing: Task | None, outcome: Outcome | None) -> Target:
    if group.id.operation is Operation.COMPENSATION:
        return group.on[Outcome.COMPENSATED]
    failed = outcome if outcome and any(task is failing for task in members) else Outcome.SUCCEEDED
    return group.on[failed]


def _ids(group: Group) -> Iterator[TaskId]:
    for branch in group.branches:
        yield from branch
