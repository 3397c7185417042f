"""Sagas by definition, state and age, from the ledger's index. A view may be late: nothing is decided by it."""

import heapq
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from saga_runtime.errors import Busy
from saga_runtime.ledger.items import Item, item, saga_key, step_key, stored
from saga_runtime.ledger.store import Store

VIEW: Final = "Sagas"
"""The index's name."""
WATCHDOG: Final = "Watchdog"
"""The name of the index by which the watchdog finds what is overdue."""
AT_ONCE: Final = 50
"""Overdue sagas that one request reads of a shard: a look has no time for many more."""
MAX_PAGES: Final = 100
"""Pages that a count reads; beyond that it is a lower bound."""
SHARDS: Final = "0123456789abcdef"
TOGETHER: Final = 100
"""Items that one request can ask for."""
NEWEST: Final = 100
"""Sagas of a page when the newest are listed."""
UNFINISHED: Final = ("RUNNING", "COMPENSATING", "COMMITTED")
"""The states in which a saga makes progress; one that is stuck waits for an operator."""


class IndexedSaga(NamedTuple):
    """A saga as the index shows it.

    Attributes:
        id: the saga's.
        item: what of META is projected, see ``Ledger`` of the constructs.
    """

    id: str
    item: Item


def indexed_sagas(store: Store, name: str, states: Sequence[str], *, started_by: int) -> Iterator[IndexedSaga]:
    """The sagas of a definition in any of ``states``, oldest first in each shard.

    Args:
        store: the ledger.
        name: the definition's.
        states: as META or, for a stuck one, its view says.
        started_by: seconds since the epoch; younger sagas are left out.
    """
    for shard in (shard for state in states for shard in shards(store, name, state, started_by=started_by)):
        yield from shard


def silent(store: Store, name: str, *, since: int) -> Iterator[IndexedSaga]:
    """Unfinished and stuck sagas of a definition without activity, the longest silent first.

    Args:
        store: the ledger.
        name: the definition's.
        since: seconds since the epoch; sagas that META knows to have been alive later are left out.
    """
    queries = [_pages(store, WATCHDOG, {"wd": f"{name}#{shard}", "alive": since}, PageSize=AT_ONCE) for shard in SHARDS]
    yield from heapq.merge(*map(_items, queries), key=lambda found: int(found.item["alive"]))


def count(store: Store, name: str, states: Sequence[str], *, started_by: int) -> int:
    """How many sagas are in any of ``states`` that started by then, at least: many are not counted to the end."""
    views = [{"view": f"{name}#{state}#{shard}", "at": started_by} for state in states for shard in SHARDS]
    pages = (page for view in views for page in _pages(store, VIEW, view, Select="COUNT"))
    return sum(page["Count"] for page in itertools.islice(pages, MAX_PAGES))


def shards(
    store: Store, name: str, state: str, *, started_by: int, ended_since: int | None = None, newest_first: bool = False
) -> list[Iterator[IndexedSaga]]:
    """The same for one state, a reader for each shard; nothing is read before it is asked for.

    The index is in the order of the starts, and a saga that has just ended may have started weeks ago. So asked for
    those that ``ended_since`` then, DynamoDB reads all that it keeps of that state and passes on those.
    """
    views = [f"{name}#{state}#{shard}" for shard in SHARDS]
    since: Item = {} if ended_since is None else {"end": ended_since}
    return [_read(store, {"view": view, "at": started_by, **since}, newest_first=newest_first) for view in views]


def steps(store: Store, name: str, ids: Sequence[str], among: Sequence[str]) -> dict[str, dict[str, Item]]:
    """The items that some sagas have of some steps, by saga and step; at most :data:`TOGETHER` of them.

    Args:
        store: the ledger.
        name: the definition's.
        ids: the sagas'.
        among: the steps' names.

    Raises:
        Busy: DynamoDB throttles, after several tries.
    """
    keys = {(saga_key(name, id), step_key(step)): (id, step) for id in ids for step in among}
    asked: Any = [{"pk": stored(pk), "sk": stored(sk)} for pk, sk in keys]
    found: dict[str, dict[str, Item]] = {id: {} for id in ids}
    attempts = store.attempts()
    while asked:
        if next(attempts, None) is None:
            raise Busy(f"DynamoDB throttles {store.table!r}: {len(asked)} steps could not be read; ask again later")
        answer: Any = store.services.dynamodb.batch_get_item(RequestItems={store.table: {"Keys": asked}})
        for known in map(item, answer["Responses"].get(store.table, ())):
            id, step = keys[str(known["pk"]), str(known["sk"])]
            found[id][step] = known
        asked = answer["UnprocessedKeys"].get(store.table, {}).get("Keys")
    return found


def _read(store: Store, values: Item, *, newest_first: bool) -> Iterator[IndexedSaga]:
    further: Any = {}
    if "end" in values:
        further = {"FilterExpression": "#end >= :end"}
    elif newest_first:  # a list of the newest seldom needs more, while a filter passes on few of those read
        further = {"PageSize": NEWEST}
    return _items(_pages(store, VIEW, values, ScanIndexForward=not newest_first, **further))


def _pages(store: Store, index: str, values: Item, **further: Any) -> Iterator[Mapping[str, Any]]:
    """The pages of a partition of an index up to a value of its sort key: the first two of ``values``."""
    partition, sort = [*values][:2]
    size = further.pop("PageSize", None)
    yield from store.services.dynamodb.get_paginator("query").paginate(
        TableName=store.table,
        IndexName=index,
        KeyConditionExpression=f"#{partition} = :{partition} AND #{sort} <= :{sort}",
        ExpressionAttributeNames={f"#{name}": name for name in values},
        ExpressionAttributeValues={f":{name}": stored(value) for name, value in values.items()},
        PaginationConfig={"PageSize": size} if size else {},
        **further,
    )


def _items(pages: Iterable[Mapping[str, Any]]) -> Iterator[IndexedSaga]:
    for raw in (raw for page in pages for raw in page["Items"]):
        known = item(raw)
        yield IndexedSaga(str(known["pk"]).split("#", 2)[2], known)
