"""The plan, broken on purpose."""

# pyright: reportPrivateUsage=false
# They reach inside on purpose.

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from cdk_saga.plan import Operation, Outcome, Plan, Target, Task, compile_saga
from cdk_saga.render import state_machine
from cdk_saga.testing import styles

Json = dict[str, Any]
Patch = pytest.MonkeyPatch


def failing_step_not_compensated(patch: Patch) -> None:
    """Compensation begins before the step whose outcome is unknown."""

    def forget(plan: Plan) -> Plan:
        tasks = [replace(task, on={**task.on, **_unknown_as_rejected(task)}) for task in plan.tasks]
        reached = {target for task in tasks for target in task.on.values()}
        return replace(plan, tasks=tuple(task for task in tasks if task.id in reached or task.first))

    patch.setattr(styles, "compile_saga", lambda saga: forget(compile_saga(saga)))


def _unknown_as_rejected(task: Task) -> Mapping[Outcome, Target]:
    return {Outcome.UNKNOWN: task.on[Outcome.REJECTED]} if Outcome.UNKNOWN in task.on else {}


def oldest_first(patch: Patch) -> None:
    """Compensations run in the order of the actions."""

    def turn(plan: Plan) -> Plan:
        back = [task for task in plan.tasks if task.id.operation is Operation.COMPENSATION]
        aborted = [
            replace(task, id=other.id, participant=other.participant, handler=other.handler)
            for task, other in zip(back, reversed(back), strict=True)
        ]
        mirror: Mapping[Target, Target] = {task.id: other.id for task, other in zip(back, aborted, strict=True)}
        there = [task for task in plan.tasks if task.id.operation is Operation.ACTION]
        tasks = (
            replace(task, on={outcome: mirror.get(target, target) for outcome, target in task.on.items()})
            for task in (*there, *aborted)
        )
        return replace(plan, tasks=tuple(tasks))

    patch.setattr(styles, "compile_saga", lambda saga: turn(compile_saga(saga)))


def not_looked_at_again(patch: Patch) -> None:
    """A state that has waited without success does not ask the ledger, which may know an answer that nobody told."""

    def hasty(plan: Plan, *, timeouts: Mapping[str, int]) -> Json:
        machine = state_machine(plan, timeouts=timeouts)
        for state in machine["States"].values():
            ladders = state.get("Retry", [])
            ladders[:] = [ladder for ladder in ladders if ladder["ErrorEquals"] != ["States.Timeout"]]
        return machine

    patch.setattr(styles, "state_machine", hasty)
