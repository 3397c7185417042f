"""External effects: claimed for the time of one delivery (a lease), and completed after it."""

import contextlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from saga_runtime.command import Command
from saga_runtime.errors import Leased, Rejected, SagaFenced
from saga_runtime.ledger.attempts import record
from saga_runtime.ledger.items import ABSENT, KEPT, NOTHING, Entry, Item, update
from saga_runtime.ledger.local import (
    answer,
    asking,
    check_known,
    check_owner,
    key_of,
    milliseconds,
    seconds_left,
    settle,
    start_compensation,
    with_last_error,
)
from saga_runtime.ledger.meta import Meta, contradiction, is_lost, refusal_of
from saga_runtime.ledger.store import Refused, Store
from saga_runtime.values import canonical

Json = dict[str, Any]
GRACE: Final = 2.0
"""Seconds a lease outlives its Lambda function's time-out: clocks differ, and a last request may still be under way."""

CLAIMABLE: Final = f"{ABSENT} OR (ih = :ih AND st = :started AND lease < :now AND attribute_not_exists(fence))"
UNDOABLE: Final = (
    "(attribute_not_exists(ih) OR ih = :ih) AND ({unknown}st = :done"
    " OR st = :pending OR (st = :started AND lease < :now) OR (st = :undoing AND prev <> :nothing AND ulease < :now))"
)
UNKNOWN: Final = "attribute_not_exists(st) OR "
"""There is nothing to undo, unless the command knows a result."""


@dataclass(frozen=True)
class KnownEffect:
    """What a compensation found: the action's result, or ``None`` when it is unknown whether it happened."""

    result: Json | None


class ExternalLedger:
    """The calls of external effect for one delivery; the claim's number is fresh in each."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.meta = Meta(store)
        self.attempt = uuid.uuid4().hex

    def claim(self, command: Command, seconds: float) -> Json | None:
        """X1: claim the action for at most ``seconds``, the function's remaining time.

        Returns:
            ``None``: go on. Else the result stored by an earlier delivery.

        Raises:
            Rejected, SagaFenced, InputMismatch, Busy: as :meth:`Own.commit`; Leased while another delivery is at work.
        """
        now = self._now()
        begun: Item = {"n": command.attempt, "t0": now}
        change: Item = {"st": "STARTED", "att": self.attempt, "lease": self._lease(seconds), **begun}
        values: Item = {"ih": command.input_hash, "started": "STARTED", "now": now}
        entry = self._update(command, {**self._frame(command), **change}, CLAIMABLE, values)
        try:
            self.store.write(entry, self.meta.reopening(command) if command.first else None)
        except Refused as refused:
            if refused.step and refused.step.get("att") == self.attempt and refused.step.get("st") == "STARTED":
                return None  # the SDK resent a claim whose reply was lost
            return answer(command, refused, self.store.services.now())
        return None

    def complete(self, command: Command, result: Json) -> Json:
        """X2: the effect is there. Raises :class:`SagaFenced` when the claim was taken over meanwhile."""
        done: Item = {"st": "DONE", "res": canonical(result), "t1": self._now()}
        self._close(command, done, self.meta.advancing(command))
        return result

    def ask(self, command: Command, asked: Item) -> NoReturn:
        """Record that an external action waits for a callback.

        Raises:
            CallbackPending: always, unless the claim was taken over meanwhile.
            SagaFenced: it was.
        """
        self._close(command, asked, self.meta.alive(command, int(asked["due"]) // 1000))
        raise asking(command)

    def reject(self, command: Command, reason: Rejected) -> NoReturn:
        """Record a rejection and start compensation; always raises, ``reason`` if the claim still held."""
        failed: Item = {"st": "FAILED", "err": str(reason), "t1": self._now()}
        self._close(command, failed, self.meta.rejecting(command), self.meta.fences(command))
        raise reason

    def raised(self, command: Command, error: Exception) -> None:
        """Count an attempt whose handler has raised, keep its error, and release the claim, all in one request."""
        if command.operation == "action":
            failed, state, claim, lease = record("f", error, self._now()), "STARTED", "att", "lease"
        else:
            failed, state, claim, lease = record("uf", error, self._now()), "UNDOING", "uatt", "ulease"
        change: Item = {claim: "", lease: 0, **failed.change}
        values: Item = {"state": state, "mine": self.attempt}
        condition = f"st = :state AND {claim} = :mine"
        self.store.note(update(self.store.table, key_of(command), change, condition, values, added=failed.count))

    def claim_undo(self, command: Command, seconds: float) -> KnownEffect | None:
        """X3: claim the compensation for at most ``seconds``.

        Returns:
            What to undo, or ``None`` when there is nothing left to do.

        Raises:
            Leased: the action, or another delivery of this compensation, may still be at work.
        """
        # X3 alone cannot see that the saga has completed, and an external effect cannot be rolled back.
        start_compensation(self.store, self.meta, command)
        begun: Item = {"un": command.attempt, "u0": self._now()}
        change: Item = {"prev": NOTHING, "st": "UNDOING", "uatt": self.attempt, "ulease": self._lease(seconds), **begun}
        try:
            old = self.store.take(self._undo_claim(command, change))
        except Refused as refused:
            return self._refused_undo(command, refused.step or {})
        if "st" not in old:
            settle(self.store, self.meta.compensating(command), command, None)
            return None
        return KnownEffect(json.loads(str(old["res"])) if "res" in old else None)

    def undone(self, command: Command) -> None:
        """X4: the effect is gone. Raises :class:`Leased` when another delivery took over and is at work."""
        values: Item = {"undoing": "UNDOING", "uatt": self.attempt}
        change: Item = {"st": "UNDONE", "u1": self._now()}
        entry = self._update(command, change, "st = :undoing AND uatt = :uatt", values)
        try:
            self.store.write(entry, self.meta.compensating(command))
        except Refused as refused:
            if refused.step is None:
                raise refusal_of(command, refused.meta or {}) from None
            if refused.step.get("st") != "UNDONE":
                raise Leased(f"another delivery has taken over undoing {command.step!r}") from None
            # The skip that came meanwhile has not recorded that the compensation is done.
            settle(self.store, self.meta.compensating(command), command, refused.meta)

    def _undo_claim(self, command: Command, change: Item) -> Entry:
        values: Item = {
            "done": "DONE",
            "pending": "PENDING",
            "started": "STARTED",
            "undoing": "UNDOING",
            "nothing": NOTHING,
            "now": self._now(),
        }
        condition = UNDOABLE.format(unknown=UNKNOWN if command.result is None else "")
        entry = self._update(command, {**self._frame(command), **change}, condition, values)
        # prev keeps what the step was, so that a second claim still knows there is something to undo.
        expression: str = entry["Update"]["UpdateExpression"]
        entry["Update"]["UpdateExpression"] = expression.replace("#prev = :prev", "#prev = if_not_exists(#st, :prev)")
        return entry

    def _refused_undo(self, command: Command, step: Item) -> KnownEffect | None:
        check_owner(command, step)
        check_known(command, step)
        now = self.store.services.now()
        match step.get("st"):
            case "STARTED":
                fence = self._update(command, {"fence": self._now()}, "st = :started", {"started": "STARTED"})
                self._quietly(fence)
                raise Leased(f"the action of {command.step!r} may still be at work", seconds_left(step["lease"], now))
            case "UNDOING" if step.get("prev") != NOTHING and step.get("uatt") == self.attempt:
                return KnownEffect(json.loads(str(step["res"])) if "res" in step else None)  # resent by the SDK
            case "UNDOING" if step.get("prev") != NOTHING:
                reason = with_last_error(f"{command.step!r} is being undone by another delivery", step, "uf")
                raise Leased(reason, seconds_left(step["ulease"], now))
            case _:
                settle(self.store, self.meta.compensating(command), command, None)
                return None

    def _close(self, command: Command, change: Item, meta: Entry | None, fences: Sequence[Entry] = ()) -> None:
        values: Item = {"started": "STARTED", "att": self.attempt}
        try:
            self.store.write(self._update(command, change, "st = :started AND att = :att", values), meta, fences)
        except Refused as refused:
            step = refused.step or {}
            if step.get("att") == self.attempt and step.get("st") == change["st"]:
                return  # the SDK resent a request whose reply was lost
            if refused.step == {} or (refused.meta is not None and is_lost(command, refused.meta)):
                # The claim is there no more, but perhaps its effect.
                known = command.with_result(json.loads(str(change["res"]))) if "res" in change else command
                raise contradiction(known, *known.results) from None
            state = (step or refused.meta or {}).get("st")
            raise SagaFenced(
                f"{command.step!r} of {command.saga_id!r} comes too late: the ledger says {state}"
            ) from None

    def _quietly(self, entry: Entry) -> None:
        with contextlib.suppress(Refused):  # it ended meanwhile; the next delivery sees how
            self.store.write(entry)

    def _update(self, command: Command, change: Item, condition: str, values: Item) -> Entry:
        return update(self.store.table, key_of(command), change, condition, values, kept=("ih", "t0", "u0"))

    def _frame(self, command: Command) -> Item:
        return {"ih": command.input_hash, "ttl": int(self.store.services.now()) + KEPT}

    def _now(self) -> int:
        return milliseconds(self.store)

    def _lease(self, seconds: float) -> int:
        return self._now() + int((seconds + GRACE) * 1000)
