"""The runtime and the plan, broken on purpose: the classic mistakes of sagas, each in a few lines.

Each function breaks one thing until the test is over; its docstring says what is wrong with it then.
"""

# ruff: noqa: SLF001
# pyright: reportPrivateUsage=false
# They reach inside on purpose.

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pytest

from cdk_saga.plan import Operation, Outcome, Plan, Target, Task, compile_saga
from cdk_saga.testing import styles
from saga_runtime import Command, SagaFenced, events, joining
from saga_runtime.entry import queue
from saga_runtime.execution import carry_out
from saga_runtime.ledger import Own, Sagas, Store, meta, outside, own
from saga_runtime.ledger.items import Entry
from saga_runtime.ledger.meta import Meta
from saga_runtime.ledger.outside import Outside
from saga_runtime.ledger.sagas import SagaKey, State
from saga_runtime.ledger.store import FAILED, ConditionFailed
from saga_runtime.relay.messages import Messages
from saga_runtime.report import Report
from saga_runtime.services import Services

Json = dict[str, Any]
NAMES: Final = "ExpressionAttributeNames"
Patch = pytest.MonkeyPatch


def no_tombstone(patch: Patch) -> None:
    """A compensation that finds nothing to undo leaves no trace of it."""

    def void(self: Own, command: Command) -> Json | None:
        own.settle(self.store, self.meta.compensating(command), command, None)
        step = Sagas(self.store).state(SagaKey.of(command)).steps.get(command.step, {})
        return json.loads(str(step["res"])) if step.get("st") == "DONE" else None

    patch.setattr(Own, "void", void)


def business_condition_first(patch: Patch) -> None:
    """A failed business condition is looked at before the ledger's."""
    judge = Store._judge

    def careless(self: Store, error: Any, reasons: list[Json], step: Any, saga: Any) -> None:
        first = sum(1 for entry in (step, saga) if entry)
        failed = [i for i, reason in enumerate(reasons[first:]) if reason.get("Code") == FAILED]
        if failed and reasons[0].get("Code") == FAILED:
            raise ConditionFailed(failed[0])
        judge(self, error, reasons, step, saga)

    patch.setattr(Store, "_judge", careless)


def failing_step_not_compensated(patch: Patch) -> None:
    """The way back begins before the step whose outcome is unknown."""

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
        turned = [
            replace(task, id=other.id, participant=other.participant, handler=other.handler)
            for task, other in zip(back, reversed(back), strict=True)
        ]
        mirror: Mapping[Target, Target] = {task.id: other.id for task, other in zip(back, turned, strict=True)}
        there = [task for task in plan.tasks if task.id.operation is Operation.ACTION]
        tasks = (
            replace(task, on={outcome: mirror.get(target, target) for outcome, target in task.on.items()})
            for task in (*there, *turned)
        )
        return replace(plan, tasks=tuple(tasks))

    patch.setattr(styles, "compile_saga", lambda saga: turn(compile_saga(saga)))


def publish_before_commit(patch: Patch) -> None:
    """The next step is called before this one is done."""

    def hasty(participant: Any, command: Command, context: Any) -> Report:
        if command.operation == "action":
            results = {**command.results, command.step: {}}
            joining.tell(participant.services, command, Report("succeeded", {**command.saga, "results": results}))
        return carry_out(participant, command, context)

    patch.setattr(queue, "carry_out", hasty)


def failed_entry_count_ignored(patch: Patch) -> None:
    """EventBridge says that it did not take the event, and nobody listens."""

    def publish(services: Services, saga_name: str, detail_type: str, saga: Json) -> None:
        entry: Any = {
            "EventBusName": services.bus,
            "Source": f"saga.{saga_name}",
            "DetailType": detail_type,
            "Detail": json.dumps(saga),
        }
        services.events.put_events(Entries=[entry])

    patch.setattr(events, "publish", publish)


def no_repetition_after_a_crash(patch: Patch) -> None:
    """What was done at an earlier delivery is not told again."""

    def tell(services: Services, command: Command, report: Report) -> None:
        if command.attempt == 1:
            joining.tell(services, command, report)

    patch.setattr(queue, "tell", tell)


def errors_swallowed(patch: Patch) -> None:
    """A message is taken as done although its command failed."""
    attempt = queue._attempt

    def careless(*args: Any) -> None:
        with contextlib.suppress(Exception):
            attempt(*args)

    patch.setattr(queue, "_attempt", careless)


def dead_letter_not_told(patch: Patch) -> None:
    """An action whose attempts are used up is forgotten."""
    patch.setattr(Messages, "_action", lambda *_: None)


def settled_early(patch: Patch) -> None:
    """The ledger says COMPENSATED before the last compensation has done its work."""

    def turning(self: Meta, command: Command) -> Any:
        return self._going_back(command, command.ends.get("compensated", "COMPENSATING"))

    patch.setattr(Meta, "turning", turning)


def lease_not_waited_for(patch: Patch) -> None:
    """A compensation does not wait until an action that may be at work has come to its end."""
    patch.setattr(outside, "UNDOABLE", outside.UNDOABLE.replace("lease < :now", "lease <> :now", 1))


def lease_without_grace(patch: Patch) -> None:
    """A lease ends with its function, whose last request may still be under way."""
    patch.setattr(outside, "GRACE", -1.0)


def undo_claim_forgets(patch: Patch) -> None:
    """A second attempt of a compensation does not know any more that there is something to undo."""
    claim = Outside._undo_claim

    def forgetful(self: Outside, command: Command, change: Json) -> Json:
        entry = claim(self, command, change)
        text: str = entry["Update"]["UpdateExpression"]
        entry["Update"]["UpdateExpression"] = text.replace("if_not_exists(#st, :prev)", ":prev")
        return entry

    patch.setattr(Outside, "_undo_claim", forgetful)


def undone_twice(patch: Patch) -> None:
    """A compensation does not look whether its effect is there."""
    patch.setattr(own, "UNDONE_ONCE", "ih = :ih AND (st = :done OR st <> :done)")


def success_for_a_late_action(patch: Patch) -> None:
    """A fenced action is answered as if it had happened."""
    answer = own.answer

    def polite(*args: Any) -> Json:
        try:
            return answer(*args)
        except SagaFenced:
            return {}

    patch.setattr(own, "answer", polite)
    patch.setattr(outside, "answer", polite)


def no_fences(patch: Patch) -> None:
    """Cancelling only marks the saga."""
    write = Store.write

    def unfenced(self: Store, step: Entry | None, saga: Entry | None = None, business: Sequence[Entry] = ()) -> None:
        kept = [entry for entry in business if "#fence" not in entry.get("Update", {}).get(NAMES, {})]
        write(self, step, saga, kept)

    patch.setattr(Store, "write", unfenced)


def completed_whatever_happened(patch: Patch) -> None:
    """The last action completes a saga that is going back."""
    update = Meta._update

    def careless(self: Meta, command: Command, state: str, condition: str, values: Any = None) -> Any:
        if state == "COMPLETED":
            condition, values = "attribute_exists(pk)", None
        return update(self, command, state, condition, values)

    patch.setattr(Meta, "_update", careless)


def pivot_not_recorded(patch: Patch) -> None:
    """The ledger does not know that the point of no return is behind."""
    patch.setattr(meta, "_reached", lambda command: command.ends.get("succeeded"))


def joined_too_early(patch: Patch) -> None:
    """The first branch of a group that is through speaks for all."""
    patch.setattr(State, "done", lambda *_: True)


def late_where_nothing_is_undone(patch: Patch) -> None:
    """A step that has no compensation, and so no tombstone, is not fenced when it turns the saga back."""
    patch.setattr(own, "turn_back", lambda *_: None)


MUTANTS: Final[Mapping[Callable[[Patch], None], str]] = {
    no_tombstone: "TTT",
    business_condition_first: "TTT",
    failing_step_not_compensated: "TTT",
    oldest_first: "TTT",
    publish_before_commit: "TTT",
    failed_entry_count_ignored: "TTT",
    no_repetition_after_a_crash: "TTT",
    errors_swallowed: "TTT",
    dead_letter_not_told: "TTT",
    undone_twice: "TTT",
    success_for_a_late_action: "TTT",
    no_fences: "TTT",
    settled_early: "XX",
    lease_not_waited_for: "XX",
    lease_without_grace: "XX",
    undo_claim_forgets: "XX",
    completed_whatever_happened: "XX",
    pivot_not_recorded: "TX!T",
    joined_too_early: "T(T|T)",
    late_where_nothing_is_undone: "TT°T",
}
"""Each mistake, and the shape of a saga that shows it."""
