"""From a definition to its transition table.

The rules are those of Garcia-Molina and Salem, "Sagas" (1987), with one more outcome: nobody knows.
"""

from collections.abc import Sequence

from cdk_saga.definition import NOTHING_TO_UNDO, Saga, Step
from cdk_saga.plan.table import Ending, Operation, Outcome, Plan, Target, Task, TaskId


def compile_saga(saga: Saga) -> Plan:
    """The plan of ``saga``: for each task, where to go on each outcome."""
    turn = _last_to_be_undone(saga.steps)
    actions = [_action(saga.steps, i, forward=i > turn) for i in range(len(saga.steps))]
    undoable = [i for i, step in enumerate(saga.steps[: turn + 1]) if step.compensation is not NOTHING_TO_UNDO]
    compensations = [_compensation(saga.steps, i) for i in reversed(undoable)]
    return Plan(saga.name, saga.version, (*actions, *compensations))


def _last_to_be_undone(steps: Sequence[Step]) -> int:
    """The pivot: it can fail and be undone, but nothing after it is. Without one, the last step."""
    return next((i for i, step in enumerate(steps) if step.pivot), len(steps) - 1)


def _action(steps: Sequence[Step], i: int, *, forward: bool) -> Task:
    step = steps[i]
    then: Target = TaskId(steps[i + 1].name, Operation.ACTION) if i + 1 < len(steps) else Ending.COMPLETED
    # An unknown action may have happened, so the way back begins at the failing step itself.
    rejected, unknown = (Ending.STUCK, Ending.STUCK) if forward else (_way_back(steps[:i]), _way_back(steps[: i + 1]))
    return Task(
        id=TaskId(step.name, Operation.ACTION),
        participant=step.participant,
        handler=step.action,
        retry=step.retry,
        on={Outcome.SUCCEEDED: then, Outcome.REJECTED: rejected, Outcome.UNKNOWN: unknown},
        first=i == 0,
        pivot=step.pivot,
        forward=forward,
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
