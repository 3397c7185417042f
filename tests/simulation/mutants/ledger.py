"""The ledger, broken on purpose."""

# ruff: noqa: SLF001
# pyright: reportPrivateUsage=false
# They reach inside on purpose.

import json
from collections.abc import Sequence
from typing import Any, Final

import pytest

from saga_runtime import Command, Rejected, SagaFenced, ledger
from saga_runtime.errors import UsedUp
from saga_runtime.ledger import LocalLedger, Sagas, Store, callbacks, external, local, meta
from saga_runtime.ledger.external import ExternalLedger
from saga_runtime.ledger.items import Entry
from saga_runtime.ledger.meta import Meta
from saga_runtime.ledger.state import SagaKey, SagaState
from saga_runtime.ledger.store import FAILED, ConditionFailed

Json = dict[str, Any]
Patch = pytest.MonkeyPatch
NAMES: Final = "ExpressionAttributeNames"


def no_tombstone(patch: Patch) -> None:
    """A compensation that finds nothing to undo leaves no trace of it."""

    def void(self: LocalLedger, command: Command) -> Json | None:
        local.settle(self.store, self.meta.compensating(command), command, None)
        step = Sagas(self.store).state(SagaKey.of(command)).steps.get(command.step, {})
        return json.loads(str(step["res"])) if step.get("st") == "DONE" else None

    patch.setattr(LocalLedger, "void", void)


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


def settled_early(patch: Patch) -> None:
    """The ledger says COMPENSATED before the last compensation has done its work."""

    def turning(self: Meta, command: Command) -> Any:
        return self._start_compensation(command, command.ends.get("compensated", "COMPENSATING"))

    patch.setattr(Meta, "start_compensation", turning)


def skipped_and_forgotten(patch: Patch) -> None:
    """Whoever finishes compensation says COMPENSATED, whatever an operator has skipped."""
    patch.setattr(meta, "notable", lambda _state: ())


def lease_not_waited_for(patch: Patch) -> None:
    """A compensation does not wait until an action that may be at work has come to its end."""
    patch.setattr(external, "UNDOABLE", external.UNDOABLE.replace("lease < :now", "lease <> :now", 1))


def lease_ignored(patch: Patch) -> None:
    """A second delivery takes over an action that is at work in the first."""
    patch.setattr(external, "CLAIMABLE", external.CLAIMABLE.replace("lease < :now", "lease <> :now"))


def claim_kept_on_raise(patch: Patch) -> None:
    """A handler that has raised leaves its claim, so that the next attempts only meet a lease."""
    patch.setattr(ExternalLedger, "raised", lambda *_: None)


def last_error_dropped(patch: Patch) -> None:
    """What a handler raised is counted and forgotten."""
    patch.setattr(SagaState, "last_error", lambda *_: None)


def throttle_counted(patch: Patch) -> None:
    """A delivery that reached no handler is counted as an attempt, as queues do."""

    def careless(_store: Store, command: Command, most: int | None = None) -> Command:
        if most is not None and command.delivery > most:
            raise UsedUp(f"{command.delivery} deliveries")
        return command

    patch.setattr(ledger, "counted", careless)


def lease_without_grace(patch: Patch) -> None:
    """A lease ends with its function, whose last request may still be under way."""
    patch.setattr(external, "GRACE", -1.0)


def undo_claim_forgets(patch: Patch) -> None:
    """A second attempt of a compensation does not know any more that there is something to undo."""
    claim = ExternalLedger._undo_claim

    def forgetful(self: ExternalLedger, command: Command, change: Json) -> Json:
        entry = claim(self, command, change)
        text: str = entry["Update"]["UpdateExpression"]
        entry["Update"]["UpdateExpression"] = text.replace("if_not_exists(#st, :prev)", ":prev")
        return entry

    patch.setattr(ExternalLedger, "_undo_claim", forgetful)


def undone_twice(patch: Patch) -> None:
    """A compensation does not look whether its effect is there."""
    once = local.UNDONE_ONCE.replace("st IN (:done, :pending)", "(st IN (:done, :pending) OR st <> :done)")
    assert once != local.UNDONE_ONCE
    patch.setattr(local, "UNDONE_ONCE", once)


def success_for_a_late_action(patch: Patch) -> None:
    """A fenced action is answered as if it had happened."""
    answer = local.answer

    def polite(*args: Any) -> Json:
        try:
            return answer(*args)
        except SagaFenced:
            return {}

    patch.setattr(local, "answer", polite)
    patch.setattr(external, "answer", polite)


def duplicate_taken_for_a_failure(patch: Patch) -> None:
    """A repeated action finds its own effect, takes it for somebody else's and says no."""
    answer = local.answer

    def suspicious(*args: Any) -> Json:
        answer(*args)
        raise Rejected("there is one already")

    patch.setattr(local, "answer", suspicious)
    patch.setattr(external, "answer", suspicious)


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

    def careless(
        self: Meta, command: Command, state: str, condition: str, values: Any = None, more: Any = None, **kept: Any
    ) -> Any:
        if state == "COMPLETED":
            condition, values = "attribute_exists(pk)", None
        return update(self, command, state, condition, values, more, **kept)

    patch.setattr(Meta, "_update", careless)


def pivot_not_recorded(patch: Patch) -> None:
    """The ledger does not know that the point of no return is behind."""
    patch.setattr(meta, "_reached", lambda command: command.ends.get("succeeded"))


def late_where_nothing_is_undone(patch: Patch) -> None:
    """A step that has no compensation, and so no tombstone, is not fenced when it aborts the saga."""
    patch.setattr(local, "start_compensation", lambda *_: None)


def answered_behind_the_fence(patch: Patch) -> None:
    """An answer is taken although the saga is going back."""
    careless = callbacks.IN_TIME.replace(" AND attribute_not_exists(fence)", "")
    patch.setattr(callbacks, "IN_TIME", careless)


def answered_after_its_time(patch: Patch) -> None:
    """An answer is taken although nobody waits for it any more."""
    patch.setattr(callbacks, "IN_TIME", callbacks.OPEN)


def question_left(patch: Patch) -> None:
    """What a step wrote when it asked is not undone."""
    undo = LocalLedger.undo

    def careless(self: LocalLedger, command: Command, result: Json, business: Sequence[Any]) -> bool:
        step = Sagas(self.store).state(SagaKey.of(command)).steps.get(command.step, {})
        return undo(self, command, result, [] if step.get("st") == "PENDING" else business)

    patch.setattr(LocalLedger, "undo", careless)


def given_up_and_forgotten(patch: Patch) -> None:
    """A compensation that went on past a failure ends as if nothing were left."""
    patch.setattr(Command, "failed_compensations", [])
