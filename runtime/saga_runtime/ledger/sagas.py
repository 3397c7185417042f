"""The ledger of whole sagas: what recovery and the operator ask of it."""

from collections.abc import Sequence
from enum import Enum
from typing import Final

from saga_runtime.command import Command
from saga_runtime.ledger.attempts import ENDS, attempts
from saga_runtime.ledger.items import (
    ABSENT,
    CLOSER,
    ENDED,
    KEPT,
    META,
    RECOVERY,
    RENEWED,
    Entry,
    Item,
    alive_until,
    fence,
    item,
    notable,
    note,
    put,
    saga_key,
    step_key,
    stored,
    unwatched,
    update,
    view_key,
    watched,
)
from saga_runtime.ledger.meta import Meta
from saga_runtime.ledger.state import SagaKey, SagaState
from saga_runtime.ledger.store import Refused, Store

MARKS: Final = "marks"
"""How often a saga was marked as stuck: the same words again are another mark."""


class Reached(Enum):
    """Whether a saga has an ending, and whether it was this request that brought it there."""

    NOW = "now"
    BEFORE = "before"
    NEVER = "never"


class Sagas:
    """Reads, fences and marks whole sagas."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def state(self, saga: SagaKey) -> SagaState:
        """One consistent query for everything the ledger knows of a saga."""
        pages = self.store.services.dynamodb.get_paginator("query").paginate(
            TableName=self.store.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": stored(saga_key(saga.name, saga.id))},
            ConsistentRead=True,
        )
        items = {str(found["sk"]): found for found in (item(raw) for page in pages for raw in page["Items"])}
        meta = items.pop(META, {})
        return SagaState(meta, {key.split("#", 2)[2]: step for key, step in items.items()})

    def input_hash(self, saga: SagaKey) -> str:
        """The fingerprint of a saga's input, which is all that a starter may read; empty when none is known."""
        answer = self.store.services.dynamodb.query(
            TableName=self.store.table,
            KeyConditionExpression="pk = :pk AND sk = :sk",
            ExpressionAttributeValues={":pk": stored(saga_key(saga.name, saga.id)), ":sk": stored(META)},
            ProjectionExpression="pk, sk, ih",
            Select="SPECIFIC_ATTRIBUTES",
            ConsistentRead=True,
        )
        return next((str(item(raw).get("ih", "")) for raw in answer["Items"]), "")

    def abort(
        self,
        saga: SagaKey,
        steps: Sequence[str],
        *,
        on_behalf_of: str = "",
        why: str = "",
        known: Command | None = None,
    ) -> SagaState:
        """Fence every step of a running saga and abort it, then look.

        A saga that never began is closed before it can. One that has completed, is past its pivot or being compensated
        stays as it is: the returned state says so.

        Args:
            saga: which saga; with its input's fingerprint, only if it has that input.
            steps: the names of all its steps.
            on_behalf_of: who aborts it, and so has to publish it; see :meth:`State.aborted_by`.
            why: for people; empty when they need no more than that.
            known: one of its commands, where there is one: a saga that never began then shows what it would have been.
        """
        now, pk = self.store.services.now(), saga_key(saga.name, saga.id)
        fences = [fence(self.store.table, pk, step, now) for step in steps]
        never = [fence(self.store.table, pk, step, now, by=RECOVERY) for step in steps]
        # Refused twice, it began in between or is not running: turning it once more tells them apart.
        aborted: Item = {"aborted_by": on_behalf_of, **({"why": why} if why else {})}
        closed = Meta(self.store).closed(known, aborted) if known else self._closed(saga, aborted)
        attempts = ((self._abort(saga, aborted), fences), (closed, never), (self._abort(saga, aborted), fences))
        any(self._written(meta, put_up) for meta, put_up in attempts)
        return self.state(saga)

    def complete(self, saga: SagaKey) -> Reached:
        """Set a saga all of whose steps are done to COMPLETED; one that is going back keeps going back."""
        return self._end(saga, {"st": "COMPLETED"}, ("RUNNING", "COMMITTED"))

    def compensated(self, saga: SagaKey) -> Reached:
        """Set a saga all of whose steps are undone to COMPENSATED, or PARTIALLY_COMPENSATED if one was only skipped."""
        return self._end(saga, {"st": "COMPENSATED"}, ("RUNNING", "COMPENSATING", "STUCK"))

    def close(self, saga: SagaKey) -> Reached:
        """The same for one that has nothing left to undo, whose ending was published before; or that never began."""
        return self._end(saga, {"st": "COMPENSATED", "by": RECOVERY}, ("RUNNING", "COMPENSATING"))

    def _end(self, saga: SagaKey, change: Item, states: tuple[str, ...]) -> Reached:
        closer = self.store.mark()
        entry = self._meta(saga, {**change, CLOSER: closer}, states, or_unannounced=change.get("by") == RECOVERY)
        try:
            self.store.write(None, entry)
        except Refused as refused:
            meta = refused.meta or {}
            if meta.get(CLOSER) == closer:
                self.store.written.endings.add(str(change["st"]))
                return Reached.NOW  # the SDK resent a request whose reply was lost
            same = SagaState(meta, {}).published_ending == change["st"] and saga.input_hash in {"", meta.get("ih")}
            return Reached.BEFORE if same else Reached.NEVER
        return Reached.NOW

    def mark_stuck(self, saga: SagaKey, steps: Sequence[str], why: str, dead_letter: str = "") -> bool:
        """Mark a saga as stuck at ``steps``; one that has ended keeps its ending.

        Args:
            saga: which saga.
            steps: where it stands.
            why: what was wrong there, in words.
            dead_letter: the message that will wait for an operator in the dead-letter queue; empty for none.
        """
        since = int(1000 * self.store.services.now())
        mark: Item = {"stuck": ",".join(steps), "since": since, "err": why, "dead_letter": dead_letter, MARKS: 1}
        compensating = self._change(saga, {**mark, "st": "STUCK"}, ("RUNNING", "COMPENSATING", "STUCK"))
        return compensating or self._change(saga, mark, ("COMMITTED",), shown="STUCK")

    def taken_over(self, saga: SagaKey, count: int) -> bool:
        """Note that the watchdog has set a saga going for the ``count``-th time."""
        mark: Item = {"seen": int(self.store.services.now()), "takeovers": count}
        return any(self._change(saga, {**mark, "st": state}, (state,)) for state in ("COMPENSATING", "COMMITTED"))

    def look_again(self, saga: SagaKey, seen: SagaState, alive: float) -> None:
        """Tell the watchdog's index until when a saga shows activity; not if META has changed since ``seen``."""
        if "alive" not in seen.meta:
            return
        change: Item = {"alive": alive_until(alive, self.store.services.now())}
        key = saga_key(saga.name, saga.id), META
        self._written(update(self.store.table, key, change, "alive = :seen", {"seen": seen.meta["alive"]}))

    def renew(self, state: SagaState) -> None:
        """Keep a saga that has not ended: its items are as old as their own last changes, and none may go first."""
        now = int(self.store.services.now())
        for known in () if state.ended else (state.meta, *state.steps.values()):
            if known and int(known.get("ttl", 0)) < now + KEPT - RENEWED:
                key = str(known["pk"]), str(known["sk"])
                entry = update(self.store.table, key, {"ttl": now + KEPT}, "attribute_exists(pk)")
                self._written(entry)  # or it was too old already

    def record_failed_compensation(self, saga: SagaKey, step: str, why: str) -> None:
        """Note that the compensation of ``step`` was given up, and that compensation continues all the same."""
        # A fence too: its action may have raised so far, and must not take effect any more.
        self._mark(saga, step, {"given_up": why, "fence": int(self.store.services.now() * 1000)})

    def clear_failed_compensations(self, saga: SagaKey, steps: Sequence[str]) -> None:
        """Forget that ``steps`` were given up: their compensations are tried again."""
        for step in steps:
            self._mark(saga, step, {"given_up": ""})

    def attempt_anew(self, saga: SagaKey, seen: SagaState) -> None:
        """Let the policies of the steps it is stuck at count from the beginning: an operator has asked for them again.

        For people each keeps how often it was attempted before, since when it was stuck, and until when.
        """
        again = int(1000 * self.store.services.now())
        for step in seen.stuck:
            if known := seen.steps.get(step):
                count: Item = {f"{u}past": attempts(known, u) for u in ("", "u")}
                gap: Item = {"since": seen.meta["since"], "again": again} if "since" in seen.meta else {}
                change: Item = {"f": 0, "uf": 0, "n": 0, "un": 0, **count, **gap}
                key = saga_key(saga.name, saga.id), step_key(step)
                self._written(update(self.store.table, key, change, "attribute_exists(pk)", removed=ENDS))

    def _mark(self, saga: SagaKey, step: str, change: Item) -> None:
        key = saga_key(saga.name, saga.id), step_key(step)
        self.store.write(update(self.store.table, key, change))

    def clear_stuck(self, saga: SagaKey, seen: SagaState) -> bool:
        """Let a stuck saga go on where it stopped, in its direction; not if it was marked again since ``seen``."""
        marks = seen.meta.get(MARKS)
        free: Item = {"stuck": "", "dead_letter": ""}
        # Its first compensation may have been faster, and has begun compensation again.
        back = self._change(saga, {**free, "st": "COMPENSATING"}, ("STUCK", "COMPENSATING"), marks=marks)
        return back or self._change(saga, free, ("COMMITTED",), shown="COMMITTED", marks=marks)

    def stuck_again(self, saga: SagaKey, seen: SagaState) -> bool:
        """Count another mark, if the dead letter that ``seen`` knows of is still the one that waits."""
        return self._update_dead_letter(saga, seen, {MARKS: 1}, counted=[MARKS])

    def take_dead_letter(self, saga: SagaKey, seen: SagaState) -> bool:
        """Note that the dead letter that ``seen`` knows of is about to leave its queue."""
        return self._update_dead_letter(saga, seen, {"dead_letter": ""})

    def _update_dead_letter(self, saga: SagaKey, seen: SagaState, change: Item, *, counted: Sequence[str] = ()) -> bool:
        key, values = (saga_key(saga.name, saga.id), META), {"known": seen.meta.get("dead_letter", "")}
        return self._written(update(self.store.table, key, change, "dead_letter = :known", values, counted=counted))

    def skip(self, saga: SagaKey, step: str, reason: str) -> bool:
        """Close one step of a stuck saga by hand, keep the reason, and note that it will end PARTIALLY_COMPENSATED."""
        pk, now = saga_key(saga.name, saga.id), int(self.store.services.now() * 1000)
        change: Item = {"st": "UNDONE", "skipped": reason, "u1": now}
        there: Item = {"done": "DONE", "pending": "PENDING", "started": "STARTED", "undoing": "UNDOING"}
        condition = "st IN (:done, :pending, :started, :undoing)"
        closed = update(self.store.table, (pk, step_key(step)), change, condition, there)
        end = update(self.store.table, (pk, META), note(saga.name, self.store.part), "st = :stuck", {"stuck": "STUCK"})
        return self._written(end, step=closed)

    def _abort(self, saga: SagaKey, aborted: Item) -> Entry:
        return self._meta(saga, {"st": "COMPENSATING", **aborted}, ("RUNNING",))

    def _closed(self, saga: SagaKey, aborted: Item) -> Entry:
        now = int(self.store.services.now())
        content: Item = {
            "pk": saga_key(saga.name, saga.id),
            "sk": META,
            "view": view_key(saga.name, "COMPENSATED", self.store.part),
            "st": "COMPENSATED",
            "by": RECOVERY,
            **aborted,
            "at": now,
            "end": now,
            "ttl": now + KEPT,
        }
        return put(self.store.table, content, ABSENT)

    def _change(
        self, saga: SagaKey, change: Item, states: tuple[str, ...], *, shown: str = "", marks: str | int | None = None
    ) -> bool:
        return self._written(self._meta(saga, change, states, shown=shown, marks=marks))

    def _meta(
        self,
        saga: SagaKey,
        change: Item,
        states: tuple[str, ...],
        *,
        shown: str = "",
        marks: str | int | None = None,
        or_unannounced: bool = False,
    ) -> Entry:
        """A change of META, if ``marks`` is still right; ``shown`` is the state it is listed under, if not ``st``."""
        state = shown or str(change["st"])
        now = int(self.store.services.now())
        known = watched(saga.name, state, self.store.part, now)
        change = {**change, "view": view_key(saga.name, state, self.store.part), **known}
        if state in ENDED:
            change["end"] = now
        values: Item = {f"s{i}": state for i, state in enumerate(states)}
        condition = f"st IN ({', '.join(f':{name}' for name in values)})"
        if or_unannounced:
            condition = f"({condition} OR (#by = :by AND attribute_not_exists(#{CLOSER})))"
        if saga.input_hash:
            whose = "(attribute_not_exists(ih) OR ih = :ih)" if or_unannounced else "ih = :ih"
            condition, values = f"{condition} AND {whose}", {**values, "ih": saga.input_hash}
        if marks is not None:
            condition, values = f"{condition} AND {MARKS} = :seen", {**values, "seen": marks}
        key = saga_key(saga.name, saga.id), META
        counted = [MARKS] if MARKS in change else []
        gone = unwatched(state)
        return update(
            self.store.table, key, change, condition, values, noted=notable(state), counted=counted, removed=gone
        )

    def _written(self, entry: Entry, fences: Sequence[Entry] = (), *, step: Entry | None = None) -> bool:
        """Whether the ledger took it."""
        try:
            self.store.write(step, entry, fences)
        except Refused:
            return False
        return True
