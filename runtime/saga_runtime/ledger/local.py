"""Local effects: DynamoDB items of this account, committed in one transaction with the ledger's item."""

import json
from collections.abc import Sequence
from typing import Any, Final

from saga_runtime.command import Command
from saga_runtime.errors import AlreadyPublished, CallbackPending, CallbackTimedOut, Leased, Rejected, SagaFenced
from saga_runtime.ledger.attempts import record
from saga_runtime.ledger.items import (
    ABSENT,
    KEPT,
    NOTHING,
    RECOVERY,
    TRIED,
    Entry,
    Item,
    is_unannounced,
    saga_key,
    step_key,
    update,
)
from saga_runtime.ledger.meta import (
    Meta,
    another_version,
    contradiction,
    is_lost,
    is_of_another_version,
    mismatch,
    refusal_of,
)
from saga_runtime.ledger.store import Refused, Store
from saga_runtime.values import canonical

Json = dict[str, Any]
FREE: Final = f"{ABSENT} OR (st = :tried AND ih = :ih AND attribute_not_exists(fence))"
"""Nothing has become of the action yet: it was never executed, or has raised."""
UNDONE_ONCE: Final = "ih = :ih AND st IN (:done, :pending) AND res = :res"
"""By the result that the ledger has, whatever the command says."""


class LocalLedger:
    """The four calls of local effect. T1 and T2 close an action, T3 and T4 a compensation."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.meta = Meta(store)

    def commit(self, command: Command, result: Json, business: Sequence[Entry]) -> Json:
        """T1: record the action as DONE together with its writes.

        Returns:
            ``result``, or the result stored by an earlier delivery.

        Raises:
            Rejected: an earlier delivery was rejected.
            SagaFenced: the saga went back meanwhile.
            InputMismatch: the saga id belongs to another input.
            ConditionFailed: of one of the ``business`` writes.
        """
        done = self._put(command, {"st": "DONE", "res": canonical(result), **self._acted(command)})
        try:
            self.store.write(done, self.meta.succeeding(command), business)
        except Refused as refused:
            return answer(command, refused, self.store.services.now())
        return result

    def ask(self, command: Command, asked: Item, business: Sequence[Entry]) -> Json:
        """Commit the writes of an action that waits for a callback.

        Returns:
            The result, if an earlier delivery has asked and the answer has come.

        Raises:
            CallbackPending: this delivery has asked, or an earlier one.
            CallbackTimedOut, AlreadyPublished: an earlier one has.
        """
        try:
            self.store.write(self._put(command, asked), self.meta.asking(command, int(asked["due"]) // 1000), business)
        except Refused as refused:
            return answer(command, refused, self.store.services.now())
        raise asking(command)

    def reject(self, command: Command, reason: Rejected) -> Json:
        """T2: record the action as FAILED and start compensation.

        Returns:
            The stored result, if a concurrent delivery succeeded: its success wins.

        Raises:
            Rejected: ``reason``, or the one stored first.
        """
        failed = self._put(command, {"st": "FAILED", "err": str(reason), **self._acted(command)})
        try:
            self.store.write(failed, self.meta.rejecting(command), self.meta.fences(command))
        except Refused as refused:
            return answer(command, refused, self.store.services.now())
        raise reason

    def start_compensation(self, command: Command) -> None:
        """Before T3 and T4, where there are steps to fence: business writes may fill a whole transaction."""
        if command.fences:
            start_compensation(self.store, self.meta, command)

    def undo(self, command: Command, result: Json, business: Sequence[Entry]) -> bool:
        """T3: undo a known effect. ``False``: the ledger knows another or none: the caller goes on with :meth:`void`.

        Args:
            command: what was asked.
            result: of the action, by which ``business`` undoes it.
            business: the handler's writes.

        Raises:
            Contradiction: the command knows a result, and the ledger knows of no action.
        """
        known: Item = {"ih": command.input_hash, "res": canonical(result)}
        values: Item = {**known, "done": "DONE", "pending": "PENDING"}
        change: Item = {"st": "UNDONE", **self._compensated(command)}
        undone = update(self.store.table, key_of(command), change, UNDONE_ONCE, values)
        try:
            self.store.write(undone, self.meta.compensating(command), business)
        except Refused as refused:
            check_known(command, refused.step)
            if refused.step is not None and refused.step.get("st") in (None, TRIED, "DONE", "PENDING"):
                check_owner(command, refused.step)
                return False
            self._settle(command, refused)
        return True

    def void(self, command: Command) -> Json | None:
        """T4: nothing to undo, and a late action shall find that out.

        Returns:
            The action's result when there is something to undo after all; the caller goes on with :meth:`undo`.
        """
        try:
            void = self._put(command, {"st": "VOID", **self._compensated(command)})
            self.store.write(void, self.meta.compensating(command))
        except Refused as refused:
            if refused.step and refused.step.get("st") in ("DONE", "PENDING"):
                check_owner(command, refused.step)
                return json.loads(str(refused.step["res"]))
            self._settle(command, refused)
        return None

    def raised(self, command: Command, error: Exception) -> None:
        """Count an attempt whose handler has raised, and keep its error; a result that is there already wins.

        Raises:
            Contradiction: a compensation's command knows a result, and the ledger knows of no action.
        """
        if command.operation == "action":
            failed = record("f", error, milliseconds(self.store))
            change: Item = {**self._frame(command), "st": TRIED, **failed.change}
            condition, values = f"({FREE}) AND {failed.once}", Item(tried=TRIED)
        else:
            failed = record("uf", error, milliseconds(self.store))
            change, condition = failed.change, f"ih = :ih AND st IN (:done, :pending) AND {failed.once}"
            values = Item(ih=command.input_hash, done="DONE", pending="PENDING")
        entry = update(self.store.table, key_of(command), change, condition, values, added=failed.count)
        if refused := self.store.note(entry):
            # Attempts used up, the saga would else be compensated by a ledger that knows less than this command.
            check_known(command, refused.step)

    def _settle(self, command: Command, refused: Refused) -> None:
        """The step needs nothing; the saga may still have to be told."""
        if refused.step is None:
            raise refusal_of(command, refused.meta or {}) from None
        check_owner(command, refused.step)
        settle(self.store, self.meta.compensating(command), command, refused.meta)

    def _acted(self, command: Command) -> Item:
        """For people: at which attempt, and when."""
        return {"n": command.attempt, "t1": milliseconds(self.store)}

    def _compensated(self, command: Command) -> Item:
        return {"un": command.attempt, "u1": milliseconds(self.store)}

    def _put(self, command: Command, content: Item) -> Entry:
        change = {**self._frame(command), **content}
        return update(self.store.table, key_of(command), change, FREE, {"tried": TRIED})

    def _frame(self, command: Command) -> Item:
        return {"ih": command.input_hash, "ttl": int(self.store.services.now()) + KEPT}


def answer(command: Command, refused: Refused, now: float) -> Json:
    """What a refused action means: the stored result, or an error.

    Raises:
        Rejected, SagaFenced, InputMismatch, Leased: as the old item says.
    """
    step = refused.step
    if step is None:
        raise refusal_of(command, refused.meta or {}) from None
    check_owner(command, step)
    if refused.meta and is_of_another_version(command, refused.meta):
        raise another_version(command, refused.meta) from None
    match step.get("st"):
        case "DONE" | "PENDING" if "published" in step and command.delivery > 1 and not command.token:
            raise AlreadyPublished(f"the answer to {command.step!r} of {command.saga_id!r} is published") from None
        case "DONE":
            return json.loads(str(step["res"]))
        case "PENDING" if "err" in step:
            raise Rejected(str(step["err"])) from None
        case "PENDING" if "fence" not in step:
            raise _still_pending(command, seconds_left(step["due"], now)) from None
        case "FAILED":
            raise Rejected(str(step["err"])) from None
        case "STARTED" if "fence" not in step:
            reason = with_last_error(f"{command.step!r} is at work in another delivery", step, "f")
            raise Leased(reason, seconds_left(step["lease"], now)) from None
        case None if command.results and step.get("by") == RECOVERY:
            raise contradiction(command) from None
        case state:
            reason = f"{command.step!r} of {command.saga_id!r} is {state or 'fenced'}: too late"
            raise SagaFenced(reason, never_began=is_unannounced(refused.meta or {})) from None


def with_last_error(reason: str, step: Item, kind: str) -> str:
    """A reason to wait, with the error of the last attempt that raised."""
    return f"{reason}; its last error: {step[f'{kind}err']}" if f"{kind}err" in step else reason


def asking(command: Command) -> CallbackPending:
    """The error of a delivery whose action has just returned ``Pending``."""
    return CallbackPending(f"{command.step!r} of {command.saga_id!r} waits", command.callback_timeout or 0, fresh=True)


def _still_pending(command: Command, seconds: float) -> CallbackPending | CallbackTimedOut:
    what = f"{command.step!r} of {command.saga_id!r}"
    if seconds:
        return CallbackPending(f"{what} waits", seconds)
    return CallbackTimedOut(f"no callback for {what} in {command.callback_timeout} s")


def start_compensation(store: Store, meta: Meta, command: Command) -> None:
    """Let the first compensation tell the ledger that the saga is going back, and fence what nothing will undo."""
    settle(store, meta.start_compensation(command), command, None, meta.fences(command))


def settle(
    store: Store, entry: Entry | None, command: Command, refusal: Item | None, fences: Sequence[Entry] = ()
) -> None:
    """Bring META where ``entry`` wants it, unless it refused because it is there or beyond.

    Raises:
        SagaFenced: the saga has completed, so nothing of it may be undone.
    """
    if entry and refusal is None:
        try:
            store.write(None, entry, fences)
        except Refused as refused:
            refusal = refused.meta
    if refusal is not None and is_lost(command, refusal):
        raise contradiction(command)
    if refusal and refusal.get("st") not in ("COMPENSATING", "COMPENSATED", "STUCK", "PARTIALLY_COMPENSATED"):
        raise refusal_of(command, refusal)


def check_known(command: Command, step: Item | None) -> None:
    """Raise :class:`Contradiction` when the command knows a result of an action of which the ledger knows nothing."""
    if step is None or command.result is None:
        return
    if step.get("st") in (None, TRIED, "VOID") or (step.get("st") == "UNDOING" and step.get("prev") == NOTHING):
        raise contradiction(command, command.step)


def check_owner(command: Command, step: Item) -> None:
    """Raise :class:`InputMismatch` when the step belongs to a saga with another input."""
    if step.get("ih", command.input_hash) != command.input_hash:
        raise mismatch(command)


def milliseconds(store: Store) -> int:
    """Now, as the steps' items have it."""
    return int(store.services.now() * 1000)


def key_of(command: Command) -> tuple[str, str]:
    """The step's item."""
    return saga_key(command.saga_name, command.saga_id), step_key(command.step)


def seconds_left(lease: str | int, now: float) -> float:
    """Seconds until a lease, in milliseconds since the epoch, is over."""
    return max(0.0, int(lease) / 1000 - now)
