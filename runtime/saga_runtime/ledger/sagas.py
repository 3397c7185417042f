"""The ledger of whole sagas: what the relay and the operator ask of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from saga_runtime.command import SCHEMA, Command
from saga_runtime.ledger.items import (
    ABSENT,
    ENDED,
    KEPT,
    META,
    NOTHING,
    RELAY,
    Entry,
    Item,
    fence,
    item,
    put,
    saga_key,
    step_key,
    stored,
    update,
    view_key,
)
from saga_runtime.ledger.store import Refused, Store

Json = dict[str, Any]
SIGNS: Final = ("lease", "ulease", "fence", "due", "t0", "t1", "u0", "u1")
"""The times in a step's item, in milliseconds."""


@dataclass(frozen=True)
class SagaKey:
    """Which saga.

    Attributes:
        name: the definition's.
        id: its own.
        input_hash: of its input, to be sure that nobody else's is meant; empty when only the id is known.
    """

    name: str
    id: str
    input_hash: str = ""

    @classmethod
    def of(cls, command: Command) -> "SagaKey":
        """The saga that a command belongs to."""
        return cls(command.saga_name, command.saga_id, command.input_hash)


@dataclass(frozen=True)
class State:
    """A saga as the ledger has it.

    Attributes:
        meta: its own item; empty when it never began.
        steps: the steps' items, by step.
    """

    meta: Item
    steps: dict[str, Item]

    @property
    def status(self) -> str:
        """META's state; ``""`` when the saga never began; ``STUCK`` also on the way forward."""
        return "STUCK" if self.stuck_at and not self.ended else str(self.meta.get("st", ""))

    @property
    def closed_by_relay(self) -> bool:
        """Whether no compensation was there to end the saga, and so none to announce it."""
        return self.meta.get("by") == RELAY

    @property
    def stuck_at(self) -> str:
        """The step that somebody must look at first; ``""`` for none."""
        return next(iter(self.stuck), "")

    @property
    def stuck(self) -> list[str]:
        """Every step that somebody must look at, in the order of the way back."""
        return [step for step in str(self.meta.get("stuck", "")).split(",") if step]

    @property
    def ended(self) -> bool:
        """Whether the saga has ended well."""
        return self.meta.get("st") in ENDED

    def saga(self, name: str, saga_id: str) -> Json:
        """The travelling half of the saga, from what the ledger keeps of it."""
        return {
            "schema": SCHEMA,
            "name": name,
            "version": self.meta["v"],
            "id": saga_id,
            "input": json.loads(str(self.meta["input"])),
            "results": self.results,
            "started": self.meta["at"],
            "deadline": self.meta.get("dl"),
            "failure": None,
        }

    def turned_for(self, step: str) -> bool:
        """Whether the saga was turned back, or closed before it began, on behalf of ``step`` giving up."""
        return self.meta.get("turned") == step

    def is_of(self, command: Command) -> bool:
        """Whether the saga is the command's, as far as the ledger knows: another input is another saga."""
        return self.meta.get("ih", command.input_hash) == command.input_hash

    def done(self, steps: Sequence[str]) -> bool:
        """Whether the actions of all ``steps`` are done."""
        return all(self.steps.get(step, {}).get("st") == "DONE" for step in steps)

    def undone(self, steps: Sequence[str]) -> bool:
        """Whether nothing of ``steps`` is there, nor can be any more."""
        return all(step in self.steps and _is_undone(self.steps[step]) for step in steps)

    @property
    def last_sign_of_life(self) -> float:
        """When somebody has last done something, or said until when to be at work, in seconds since the epoch."""
        whole = [self.meta.get("at", 0), self.meta.get("seen", 0)]
        exact = [step.get(name, 0) for step in self.steps.values() for name in SIGNS]
        return max(*map(int, whole), *(int(time) / 1000 for time in exact), 0)

    def passed(self, steps: Sequence[str]) -> bool:
        """Whether the way back is through with all ``steps``: nothing of them is there, or it was left behind."""
        return all(step in self.steps and (_is_undone(item) or _is_left(item)) for step, item in self._of(steps))

    def left_behind(self, steps: Sequence[str]) -> list[str]:
        """Those of ``steps`` whose compensation was given up."""
        return [step for step, item in self._of(steps) if _is_left(item) and not _is_undone(item)]

    def _of(self, steps: Sequence[str]) -> list[tuple[str, Item]]:
        return [(step, self.steps.get(step, {})) for step in steps]

    def asked(self, step: str) -> Json | None:
        """The command by which ``step`` has asked somebody outside; ``None`` when it has not."""
        command = self.steps.get(step, {}).get("cmd")
        return None if command is None else json.loads(str(command))

    def seconds_left(self, step: str, now: float) -> float:
        """For how long ``step`` still waits for an answer from outside; none is awaited behind a fence."""
        item = self.steps.get(step, {})
        return 0.0 if "fence" in item else max(0.0, int(item.get("due", 0)) / 1000 - now)

    def details(self, step: str) -> Json:
        """What ``step`` knew when it asked."""
        return json.loads(str(self.steps[step]["ask"]))

    @property
    def results(self) -> Json:
        """What the steps returned that are done, by step."""
        return {name: json.loads(str(step["res"])) for name, step in self.steps.items() if step.get("st") == "DONE"}


class Sagas:
    """Reads, fences and marks whole sagas."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def state(self, saga: SagaKey) -> State:
        """One consistent query for everything the ledger knows of a saga."""
        pages = self.store.services.dynamodb.get_paginator("query").paginate(
            TableName=self.store.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": stored(saga_key(saga.name, saga.id))},
            ConsistentRead=True,
        )
        items = {str(found["sk"]): found for found in (item(raw) for page in pages for raw in page["Items"])}
        meta = items.pop(META, {})
        return State(meta, {key.split("#", 2)[2]: step for key, step in items.items()})

    def abort(self, saga: SagaKey, steps: Sequence[str], *, on_behalf_of: str = "") -> State:
        """Fence every step of a running saga and turn it back, then look.

        A saga that never began is closed before it can. One that has completed, is past its pivot or on its way back
        stays as it is: the returned state says so.

        Args:
            saga: which saga; with its input's fingerprint, only if it has that input.
            steps: the names of all its steps.
            on_behalf_of: who turns it back, and so has to tell the bus; see :meth:`State.turned_for`.
        """
        now = self.store.services.now()
        fences = [fence(self.store.table, saga_key(saga.name, saga.id), step, now) for step in steps]
        # Refused twice, it began in between or is not running: turning it once more tells them apart.
        attempts = (self._turn(saga, on_behalf_of), self._closed(saga, on_behalf_of), self._turn(saga, on_behalf_of))
        any(self._written(meta, fences) for meta in attempts)
        return self.state(saga)

    def complete(self, saga: SagaKey) -> bool:
        """Set a saga all of whose steps are done to COMPLETED; one that is going back keeps going back."""
        return self._change(saga, {"st": "COMPLETED"}, ("RUNNING", "COMMITTED", "COMPLETED"))

    def compensated(self, saga: SagaKey) -> bool:
        """Set a saga all of whose steps are undone to COMPENSATED."""
        return self._change(saga, {"st": "COMPENSATED"}, ("RUNNING", "COMPENSATING", "STUCK", "COMPENSATED"))

    def close(self, saga: SagaKey) -> bool:
        """Set a saga that has nothing left to undo to COMPENSATED; one that has ended keeps its ending."""
        return self._change(saga, {"st": "COMPENSATED", "by": RELAY}, ("RUNNING", "COMPENSATING"))

    def stick(self, saga: SagaKey, steps: Sequence[str], why: str) -> bool:
        """Mark a saga as waiting for somebody to look at ``steps``; one that has ended keeps its ending."""
        mark: Item = {"stuck": ",".join(steps), "err": why}
        on_its_way_back = self._change(saga, {**mark, "st": "STUCK"}, ("RUNNING", "COMPENSATING", "STUCK"))
        return on_its_way_back or self._change(saga, mark, ("COMMITTED",), shown="STUCK")

    def taken_over(self, saga: SagaKey, count: int) -> bool:
        """Note that the watch has set a saga going for the ``count``-th time."""
        mark: Item = {"seen": int(self.store.services.now()), "takeovers": count}
        return any(self._change(saga, {**mark, "st": state}, (state,)) for state in ("COMPENSATING", "COMMITTED"))

    def leave(self, saga: SagaKey, step: str, why: str) -> None:
        """Note that the compensation of ``step`` was given up, and that the way back goes on all the same."""
        self._mark(saga, step, why)

    def return_to(self, saga: SagaKey, steps: Sequence[str]) -> None:
        """Forget that ``steps`` were left behind: their compensations are tried again."""
        for step in steps:
            self._mark(saga, step, "")

    def _mark(self, saga: SagaKey, step: str, why: str) -> None:
        key = saga_key(saga.name, saga.id), step_key(step)
        self.store.write(update(self.store.table, key, {"left": why}))

    def unstick(self, saga: SagaKey) -> bool:
        """Let a stuck saga go on where it stopped, in the direction it had."""
        # Its first compensation may have been faster, and has begun the way back again.
        back = self._change(saga, {"stuck": "", "st": "COMPENSATING"}, ("STUCK", "COMPENSATING"))
        return back or self._change(saga, {"stuck": ""}, ("COMMITTED",), shown="COMMITTED")

    def forgive(self, saga: SagaKey, step: str, reason: str) -> bool:
        """Close one step of a stuck saga by hand, with the reason kept in the ledger."""
        now = int(self.store.services.now() * 1000)
        change: Item = {"st": "UNDONE", "forgiven": reason, "u1": now}
        key = saga_key(saga.name, saga.id), step_key(step)
        values: Item = {"done": "DONE", "started": "STARTED", "undoing": "UNDOING"}
        entry = update(self.store.table, key, change, "st IN (:done, :started, :undoing)", values)
        try:
            self.store.write(entry)
        except Refused:
            return False
        return True

    def _turn(self, saga: SagaKey, on_behalf_of: str) -> Entry:
        return self._meta(saga, {"st": "COMPENSATING", "turned": on_behalf_of}, ("RUNNING",))

    def _closed(self, saga: SagaKey, on_behalf_of: str) -> Entry:
        now = int(self.store.services.now())
        frame: Item = {
            "pk": saga_key(saga.name, saga.id),
            "sk": META,
            "view": view_key(saga.name, saga.id, "COMPENSATED"),
            "st": "COMPENSATED",
            "by": RELAY,
            "turned": on_behalf_of,
            "at": now,
            "end": now,
            "ttl": now + KEPT,
        }
        known: Item = {"ih": saga.input_hash} if saga.input_hash else {}
        return put(self.store.table, {**frame, **known}, ABSENT)

    def _change(self, saga: SagaKey, change: Item, states: tuple[str, ...], *, shown: str = "") -> bool:
        return self._written(self._meta(saga, change, states, shown=shown), [])

    def _meta(self, saga: SagaKey, change: Item, states: tuple[str, ...], *, shown: str = "") -> Entry:
        """A change of META; ``shown`` is the state that it is listed under, where that is not ``st``."""
        state = shown or str(change["st"])
        change = {**change, "view": view_key(saga.name, saga.id, state)}
        if state in ENDED:
            change["end"] = int(self.store.services.now())
        values: Item = {f"s{i}": state for i, state in enumerate(states)}
        condition = f"st IN ({', '.join(f':{name}' for name in values)})"
        if saga.input_hash:
            condition, values = f"{condition} AND ih = :ih", {**values, "ih": saga.input_hash}
        return update(self.store.table, (saga_key(saga.name, saga.id), META), change, condition, values)

    def _written(self, meta: Entry, fences: list[Entry]) -> bool:
        try:
            self.store.write(None, meta, fences)
        except Refused:
            return False
        return True


def _is_left(step: Item) -> bool:
    return bool(step.get("left"))


def _is_undone(step: Item) -> bool:
    if step.get("st") == "UNDOING":
        return step.get("prev") == NOTHING
    return step.get("st") in {None, "UNDONE", "VOID", "FAILED"}
