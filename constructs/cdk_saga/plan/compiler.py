"""From a definition to its transition table.

The rules are those of Garcia-Molina and Salem, "Sagas" (1987), with one more outcome: nobody knows.
"""

from collections.abc import Sequence

from cdk_saga.definition import NOTHING_TO_UNDO, Saga, Step
from cdk_saga.plan.table import Ending, Operation, Outcome, Plan, Target, Task, TaskId


def compile_saga(saga: Saga) -> Plan:
    """The plan of ``saga``: for each task, where to go on each outcome."""
    actions = [_action(saga.steps, i) for i in range(len(saga.steps))]
    undoable = [i for i, step in enumerate(saga.steps) if step.compensation is not NOTHING_TO_UNDO]
    compensations = [_compensation(saga.steps, i) for i in reversed(undoable)]
    return Plan(saga.name, saga.version, (*actions, *compensations))


def _action(steps: Sequence[Step], i: int) -> Task:
    step, earlier = steps[i], _way_back(steps[:i])
    # An unknown action may have happened, so the way back begins at the failing step itself.
    own = _way_back(steps[: i + 1])
    then: Target = TaskId(steps[i + 1].name, Operation.ACTION) if i + 1 < len(steps) else Ending.COMPLETED
    return Task(
        id=TaskId(step.name, Operation.ACTION),
        participant=step.participant,
        handler=step.action,
        retry=step.retry,
        on={Outcome.SUCCEEDED: then, Outcome.REJECTED: earlier, Outcome.UNKNOWN: own},
        first=i == 0,
    )


def _compensation(steps: Sequence[Step], i: int) -> Task:
    step = steps[i]
    return Task(
        id=TaskId(step.name, Operation.COMPENSATION),
        participant=step.participant,
        handler=str(step.compensation),
        retry=step.compensation_retry,
        on={Outcome.COMPENSATED: _way_back(steps[:i]), Outcome.STUCK: Ending.STUCK},
    )


def _way_back(steps: Sequence[Step]) -> Target:
    """The compensation of the last of ``steps`` that has one; with none, everything is undone."""
    for step in reversed(steps):
        if step.compensation is not NOTHING_TO_UNDO:
            return TaskId(step.name, Operation.COMPENSATION)
    return Ending.COMPENSATED
