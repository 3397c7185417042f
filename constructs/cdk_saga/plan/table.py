"""The transition table, and what a participant has to know of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cdk_saga.plan.words import STARTED, Ending, Fork, Group, Join, Operation, Outcome, Target, Task


@dataclass(frozen=True)
class Plan:
    """A saga's transition table.

    Args:
        saga: the saga's name.
        version: the definition's fingerprint.
        start: where it begins.
        tasks: the actions in their order, then the compensations in the order of compensation.
        groups: the groups, in both directions.
        deadline: seconds from the start until no action begins any more; ``None`` for no deadline.
    """

    saga: str
    version: str
    start: Target
    tasks: tuple[Task, ...]
    groups: tuple[Group, ...] = ()
    deadline: int | None = None

    @property
    def handlers(self) -> dict[str, list[str]]:
        """The handlers of each step, action first: all that may be carried out in the saga's name."""
        steps: dict[str, list[str]] = {}
        for task in self.tasks:
            steps.setdefault(task.id.step, []).append(task.handler)
        return steps

    @property
    def last_compensable_step(self) -> str | None:
        """The last step that can be undone, where compensation of the whole saga begins; ``None`` when none can."""
        return next((task.id.step for task in self.tasks if task.id.operation is Operation.COMPENSATION), None)

    @property
    def continue_on_failure(self) -> bool:
        """Whether compensation continues when a compensation keeps failing."""
        return any(self._continues_on_failure(task) for task in self.tasks)

    @property
    def undoable(self) -> dict[str, bool]:
        """Whether compensation has anything to do at each step, in their order."""
        undone = {task.id.step for task in self.tasks if task.id.operation is Operation.COMPENSATION}
        return {step: step in undone for step in self.handlers}

    @property
    def trigger_events(self) -> dict[str, str]:
        """The event after which a step's action begins, where that is not simply the success of the step before."""
        steps = list(self.handlers)
        usual = zip(steps, [STARTED, *(f"{step}.{Outcome.SUCCEEDED}" for step in steps)], strict=False)
        begin = {(t.id.step, self.events_to(t.id)[0]) for t in self.tasks if t.id.operation is Operation.ACTION}
        return dict(sorted(begin - set(usual)))

    def group(self, id: Fork | Join) -> Group:
        """The group that a target speaks of."""
        return next(group for group in self.groups if group.id == Fork(id.group, id.operation))

    def events_to(self, target: Target) -> tuple[str, ...]:
        """The events after which ``target`` begins, as detail-types."""
        started = [STARTED] if target == self.start else []
        tasks = [f"{task.id.step}.{outcome}" for task, outcome in self._sources.get(target, ())]
        groups = [f"{row.id.group}.{outcome}" for row in self.groups for outcome, to in row.on.items() if to == target]
        forks = [row.id for row in self.groups if target in {branch[0] for branch in row.branches}]
        return (*started, *tasks, *groups, *(event for fork in forks for event in self.events_to(fork)))

    def payload(self, task: Task) -> dict[str, Any]:
        """The task spec of the command a participant receives; all it has to know, so that it needs no plan."""
        grouped = task.group is not None
        flags = {"first": task.first, "pivot": task.pivot, "after_pivot": task.after_pivot, "grouped": grouped}
        flags |= {
            "starts_group": grouped and task is self.tasks[0],
            "continue_on_failure": self._continues_on_failure(task),
        }
        fields: dict[str, Any] = {"ends": _endings(task.on), "join": self._join(task), "fences": self._fences(task)}
        fields |= {"callback_timeout": task.callback_timeout, "deadline": self.deadline if task.first else None}
        return {
            "step": task.id.step,
            "operation": task.id.operation.value,
            "handler": task.handler,
            "saga": self.saga,
            "version": self.version,
            **{flag: True for flag, holds in flags.items() if holds},
            **{field: value for field, value in fields.items() if value},
        }

    @cached_property
    def _sources(self) -> dict[Target, list[tuple[Task, Outcome]]]:
        """By where they lead: the tasks, and the outcome of each that leads there."""
        led: dict[Target, list[tuple[Task, Outcome]]] = {}
        for task in self.tasks:
            for outcome, to in task.on.items():
                led.setdefault(to, []).append((task, outcome))
        return led

    @cached_property
    def _undone(self) -> frozenset[str]:
        """The steps that have a compensation."""
        return frozenset(task.id.step for task in self.tasks if task.id.operation is Operation.COMPENSATION)

    def _continues_on_failure(self, task: Task) -> bool:
        return task.on.get(Outcome.STUCK, Ending.STUCK) is not Ending.STUCK

    def _join(self, task: Task) -> dict[str, Any] | None:
        """Whom the last task of a branch has to wait for, and what it means when all are through."""
        join = next((target for target in task.on.values() if isinstance(target, Join)), None)
        if join is None:
            return None
        row = self.group(join)
        ends = _endings(row.on)
        return {"group": row.id.group, "steps": row.members, **({"ends": ends} if ends else {})}

    def _fences(self, task: Task) -> list[str]:
        """The steps that may be at work when this task aborts the saga, and must not take effect any more.

        When an action is rejected, the others of its group. When a compensation is the first, the actions that lead
        here and have none of their own, which would be their tombstone.
        """
        if task.id.operation is Operation.COMPENSATION:
            here = (task.id, Fork(task.group or "", Operation.COMPENSATION))
            led = [row.id.step for to in here for row, why in self._sources.get(to, ()) if why is Outcome.UNKNOWN]
            return [step for step in led if step not in self._undone]
        if task.group is None or task.after_pivot:
            return []
        return [step for step in self.group(Fork(task.group, Operation.ACTION)).members if step != task.id.step]


def _endings(on: Mapping[Outcome, Target]) -> dict[str, str]:
    """The outcomes that end the saga, as a participant can report them: at a stuck step none is in progress."""
    targets = ((outcome, target) for outcome, target in on.items() if isinstance(target, Ending))
    return {outcome.value: target.value for outcome, target in targets if target is not Ending.STUCK}
