"""DynamoDB in memory, as a boto3 client shows it: the calls that sagas and their participants make."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from botocore.exceptions import ClientError

from cdk_saga.testing.dynamodb.errors import ConditionFailed, Invalid, NoTable, refused
from cdk_saga.testing.dynamodb.gets import batch_get, get, transact_get
from cdk_saga.testing.dynamodb.queries import query, scan
from cdk_saga.testing.dynamodb.tables import Key, Table, Tables
from cdk_saga.testing.dynamodb.transactions import Transactions
from cdk_saga.testing.dynamodb.values import Item, copied
from cdk_saga.testing.dynamodb.writes import FIELDS, Write, request
from cdk_saga.testing.unsimulated import Unsimulated

Json = dict[str, Any]


class Change(NamedTuple):
    """A committed change of an item, or what a restored table has instead; ``None`` stands for no item."""

    at: float
    table: str
    key: Key
    old: Item | None
    new: Item | None
    restored: bool = False


@dataclass(frozen=True)
class Pages:
    """The paginator of an operation."""

    operation: Callable[..., Json]

    def paginate(self, **request: Any) -> Iterator[Json]:
        """Yield page after page; of ``PaginationConfig``, ``PageSize`` is simulated, which boto3 sends as ``Limit``."""
        paging = request.pop("PaginationConfig", {})
        if unknown := paging.keys() - {"PageSize"}:
            raise Unsimulated(f"PaginationConfig with {sorted(unknown)} is not simulated")
        start: Json = {"Limit": paging["PageSize"]} if "PageSize" in paging else {}
        while True:
            page = self.operation(**request, **start)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            start["ExclusiveStartKey"] = page["LastEvaluatedKey"]


class DynamoDB:
    """Simulated DynamoDB.

    Args:
        now: the time in seconds since the epoch.

    Attributes:
        changes: every committed change, in order.
    """

    def __init__(self, now: Callable[[], float] = lambda: 0.0) -> None:
        self.now = now
        self.changes: list[Change] = []
        self._tables = Tables()
        self._transactions = Transactions(now, self._tables)

    def create_table(self, **request: Any) -> Json:
        """Define a table; of its settings only its keys and those of its indexes matter here."""
        types = {a["AttributeName"]: a["AttributeType"] for a in request["AttributeDefinitions"]}
        indexes = {one["IndexName"]: _keys(one, types) for one in request.get("GlobalSecondaryIndexes", ())}
        name = request["TableName"]
        self._tables[name] = Table(name, _keys(request, types), indexes=indexes)
        return {"TableDescription": {"TableName": request["TableName"], "TableStatus": "ACTIVE"}}

    def items(self, table: str) -> dict[Key, Item]:
        """What a table holds, by key."""
        return dict(self._tables[table].items)

    def contents(self) -> dict[tuple[str, Key], Item]:
        """Every item, by table and key. Items are never changed in place, each is replaced as a whole."""
        return {(table.name, key): item for table in self._tables.values() for key, item in table.items.items()}

    def load(self, items: Mapping[tuple[str, Key], Item]) -> None:
        """Hold these items and no others, as :meth:`contents` returned them."""
        for table in self._tables.values():
            table.items.clear()
            table.groups.clear()
        for (table, key), item in items.items():
            self._tables[table].items[key] = item
        self.changes.clear()

    def restore(self, table: str, at: float) -> None:
        """Hold in ``table`` what was there at a moment, as another table that was restored to it would."""
        then: dict[Key, Item | None] = {}
        for change in self.changes:
            if change.table == table:
                then.setdefault(change.key, None)
                if change.at <= at:
                    then[change.key] = change.new
        items = self._tables[table].items
        self._tables[table].groups.clear()
        for key, item in then.items():
            self.changes.append(Change(self.now(), table, key, items.pop(key, None), item, restored=True))
            if item is not None:
                items[key] = item

    def put_item(self, **request: Any) -> Json:
        """Replace an item."""
        return self._write("PutItem", "Put", request)

    def update_item(self, **request: Any) -> Json:
        """Change an item, making it if there is none."""
        return self._write("UpdateItem", "Update", request)

    def delete_item(self, **request: Any) -> Json:
        """Remove an item, if there is one."""
        return self._write("DeleteItem", "Delete", request)

    def get_item(self, **request: Any) -> Json:
        """Read an item."""
        return self._answer("GetItem", lambda: get(self._tables, request))

    def batch_get_item(self, **request: Any) -> Json:
        """Read items of some tables."""
        return self._answer("BatchGetItem", lambda: batch_get(self._tables, request))

    def transact_get_items(self, **request: Any) -> Json:
        """Read items as they are at one moment."""
        return self._answer("TransactGetItems", lambda: transact_get(self._tables, request))

    def query(self, **request: Any) -> Json:
        """Read items of one partition."""
        return self._answer("Query", lambda: query(self._tables.named(request["TableName"]), request))

    def scan(self, **request: Any) -> Json:
        """Read all items."""
        return self._answer("Scan", lambda: scan(self._tables.named(request["TableName"]), request))

    def get_paginator(self, operation: str) -> Pages:
        """Pages of ``query`` or ``scan``."""
        return Pages({"query": self.query, "scan": self.scan}[operation])

    def transact_write_items(self, **request: Any) -> Json:
        """Write up to 100 items, or none."""
        try:
            writes = self._transactions.decide(request)
        except (Invalid, NoTable) as error:
            raise _as_client_error(error, "TransactWriteItems") from error
        for write in writes:
            self._apply(write)
        return {}

    def _write(self, operation: str, kind: str, body: Json) -> Json:
        try:
            write = request(kind, body, self._tables, _FIELDS).decide()
        except ConditionFailed as failed:
            raise failed.as_error(operation) from None
        except (Invalid, NoTable) as error:
            raise _as_client_error(error, operation) from error
        self._apply(write)
        return _returned(write, body.get("ReturnValues", "NONE"))

    def _apply(self, write: Write) -> None:
        write.apply()
        self.changes.append(Change(self.now(), write.table.name, write.key, write.old, write.new))

    def _answer(self, operation: str, answer: Callable[[], Json]) -> Json:
        try:
            return answer()
        except (Invalid, NoTable) as error:
            raise _as_client_error(error, operation) from error


def _keys(request: Json, types: Json) -> tuple[tuple[str, str], ...]:
    """The name and type of the partition key, then of the sort key."""
    schema = sorted(request["KeySchema"], key=lambda part: part["KeyType"] != "HASH")
    return tuple((part["AttributeName"], types[part["AttributeName"]]) for part in schema)


_FIELDS: Final = {kind: fields | {"ReturnValues"} for kind, fields in FIELDS.items()}


def _returned(write: Write, wanted: str) -> Json:
    match wanted:
        case "ALL_OLD":
            item = write.old
        case "ALL_NEW":
            item = write.new
        case "NONE":
            item = None
        case _:
            raise Unsimulated(f"ReturnValues={wanted!r} is not simulated")
    return {"Attributes": copied(item)} if item else {}


def _as_client_error(error: Exception, operation: str) -> ClientError:
    code = "ResourceNotFoundException" if isinstance(error, NoTable) else "ValidationException"
    return refused(code, str(error), operation)
