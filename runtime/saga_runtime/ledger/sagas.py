"""The ledger of whole sagas: what the relay and the operator ask of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from saga_runtime.command import Command
from saga_runtime.ledger.items import KEPT, META, Entry, Item, item, saga_key, step_key, stored, update
from saga_runtime.ledger.meta import Meta
from saga_runtime.ledger.store import Refused, Store

Json = dict[str, Any]


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
        """META's state; ``""`` when the saga never began."""
        return str(self.meta.get("st", ""))

    @property
    def results(self) -> Json:
        """What the steps returned that are done, by step."""
        return {name: json.loads(str(step["res"])) for name, step in self.steps.items() if step.get("st") == "DONE"}


class Sagas:
    """Reads, fences and marks whole sagas."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.meta = Meta(store)

    def state(self, name: str, saga_id: str) -> State:
        """One consistent query for everything the ledger knows of a saga."""
        pages = self.store.services.dynamodb.get_paginator("query").paginate(
            TableName=self.store.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": stored(saga_key(name, saga_id))},
            ConsistentRead=True,
        )
        items = {str(found["sk"]): found for found in (item(raw) for page in pages for raw in page["Items"])}
        meta = items.pop(META, {})
        return State(meta, {key.split("#", 2)[2]: step for key, step in items.items()})

    def abort(self, command: Command, steps: Sequence[str]) -> State:
        """Fence every step of a running saga and turn it back, then look.

        A saga that never began is closed before it can. One that has completed, or is on its way back, stays as it is:
        the returned state says so.

        Args:
            command: any command of the saga.
            steps: the names of all its steps.
        """
        fences = [self._fence(command, step) for step in steps]
        closed = self.meta.opening(command, "COMPENSATED")
        # Refused twice, it began in between or is not running: turning it once more tells them apart.
        any(self._written(meta, fences) for meta in (self._turn(command), closed, self._turn(command)))
        return self.state(command.saga_name, command.saga_id)

    def mark(self, command: Command, state: str, **details: str) -> None:
        """Set a saga that is on its way back to ``state``; one that has ended keeps its ending."""
        key = saga_key(command.saga_name, command.saga_id), META
        values: Item = {"running": "RUNNING", "compensating": "COMPENSATING"}
        change: Item = {"st": state, **details}
        self._written(update(self.store.table, key, change, "st IN (:running, :compensating)", values), [])

    def _turn(self, command: Command) -> Entry:
        key = saga_key(command.saga_name, command.saga_id), META
        values: Item = {"running": "RUNNING", "ih": command.input_hash}
        return update(self.store.table, key, {"st": "COMPENSATING"}, "st = :running AND ih = :ih", values)

    def _written(self, meta: Entry, fences: list[Entry]) -> bool:
        try:
            self.store.write(None, meta, fences)
        except Refused:
            return False
        return True

    def _fence(self, command: Command, step: str) -> Entry:
        key = saga_key(command.saga_name, command.saga_id), step_key(step)
        now = self.store.services.now()
        return update(self.store.table, key, {"fence": int(now * 1000), "ttl": int(now) + KEPT})
