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
    for shard in (shard for state in states for shard in shards(store, name, state, started_by=started_by)):
        yield from shard


def shards(
    store: Store, name: str, state: str, *, started_by: int, newest_first: bool = False
) -> list[Iterator[Listed]]:
    """The same for one state, a reader for each shard; nothing is read before it is asked for."""
    views = [f"{name}#{state}#{shard}" for shard in SHARDS]
    return [_read(store, view, started_by, newest_first=newest_first) for view in views]


def _read(store: Store, view: str, started_by: int, *, newest_first: bool) -> Iterator[Listed]:
    pages = store.services.dynamodb.get_paginator("query").paginate(
        TableName=store.table,
        IndexName=VIEW,
        KeyConditionExpression="#view = :view AND #at <= :at",
        ExpressionAttributeNames={"#view": "view", "#at": "at"},
        ExpressionAttributeValues={":view": stored(view), ":at": stored(started_by)},
        ScanIndexForward=not newest_first,
    )
    for raw in (raw for page in pages for raw in page["Items"]):
        known = item(raw)
        yield Listed(str(known["pk"]).split("#", 2)[2], known)
