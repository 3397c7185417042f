"""Sagas by definition, state and age, from the ledger's index. A view may be late: nothing is decided by it."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from saga_runtime.ledger.items import Item, item, stored
from saga_runtime.ledger.store import Store

VIEW: Final = "Sagas"
"""The index's name."""
SHARDS: Final = "0123456789abcdef"
UNFINISHED: Final = ("RUNNING", "COMPENSATING", "COMMITTED")
"""The states in which somebody should be at work; a saga that is stuck waits for an operator."""


class Listed(NamedTuple):
    """A saga as the index shows it.

    Attributes:
        id: the saga's.
        item: what of META is projected, see ``Ledger`` of the constructs.
    """

    id: str
    item: Item

    @property
    def deadline(self) -> int | None:
        """Seconds since the epoch from which on no action begins."""
        return int(self.item["dl"]) if "dl" in self.item else None


def listed(store: Store, name: str, states: Sequence[str], *, started_by: int) -> Iterator[Listed]:
    """The sagas of a definition in any of ``states``, oldest first in each shard.

    Args:
        store: the ledger.
        name: the definition's.
        states: as META or, for a stuck one, its view says.
        started_by: seconds since the epoch; younger sagas are left out.
    """
    pages = store.services.dynamodb.get_paginator("query")
    for view in (f"{name}#{state}#{shard}" for state in states for shard in SHARDS):
        found = pages.paginate(
            TableName=store.table,
            IndexName=VIEW,
            KeyConditionExpression="#view = :view AND #at <= :at",
            ExpressionAttributeNames={"#view": "view", "#at": "at"},
            ExpressionAttributeValues={":view": stored(view), ":at": stored(started_by)},
        )
        for raw in (raw for page in found for raw in page["Items"]):
            known = item(raw)
            yield Listed(str(known["pk"]).split("#", 2)[2], known)
