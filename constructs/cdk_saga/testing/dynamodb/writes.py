"""One write of one item: what it changes, and under which condition."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from cdk_saga.testing.dynamodb.compiled import Compiled, compile_expressions
from cdk_saga.testing.dynamodb.errors import ConditionFailed, Invalid
from cdk_saga.testing.dynamodb.tables import Key, Table, Tables
from cdk_saga.testing.dynamodb.values import LARGEST_ITEM, Item, copied, size, stored_item
from cdk_saga.testing.unsimulated import Unsimulated

Json = dict[str, Any]
COMMON: Final = frozenset(
    (
        "TableName",
        "ConditionExpression",
        "ExpressionAttributeNames",
        "ExpressionAttributeValues",
        "ReturnValuesOnConditionCheckFailure",
    )
)
FIELDS: Final[dict[str, frozenset[str]]] = {
    "Put": COMMON | {"Item"},
    "Update": COMMON | {"Key", "UpdateExpression"},
    "Delete": COMMON | {"Key"},
    "ConditionCheck": COMMON | {"Key"},
}


class Write(NamedTuple):
    """A checked request to write one item.

    Attributes:
        table: where.
        key: which item.
        old: the item as it was; ``None`` when there was none.
        new: what it becomes; ``None`` when it goes.
    """

    table: Table
    key: Key
    old: Item | None
    new: Item | None

    def apply(self) -> None:
        """Make it so."""
        self.table.groups.clear()
        if self.new is None:
            self.table.items.pop(self.key, None)
        else:
            self.table.items[self.key] = self.new


class Request(NamedTuple):
    """A request to write one item, checked as far as possible without looking at the item.

    Attributes:
        kind: ``Put``, ``Update``, ``Delete`` or ``ConditionCheck``.
        table: where.
        key: which item.
        compiled: its expressions.
        values: their values.
        item: what is put; for other kinds the key.
        shows_old: whether a refusal carries the item.
    """

    kind: str
    table: Table
    key: Key
    compiled: Compiled
    values: Item
    item: Item
    shows_old: bool

    def decide(self) -> Write:
        """Look at the item: what becomes of it?

        Raises:
            ConditionFailed: it does not meet the condition.
            Invalid: the update does not fit the item.
        """
        old = self.table.items.get(self.key)
        if self.compiled.test and not self.compiled.test(old or {}, self.values):
            raise ConditionFailed(copied(old) if self.shows_old and old else None)
        return Write(self.table, self.key, old, self._new(old))

    def _new(self, old: Item | None) -> Item | None:
        match self.kind:
            case "ConditionCheck":
                return old
            case "Delete":
                return None
            case "Update" if self.compiled.update:
                return _sized(self.compiled.update(old or self.item, self.values))
            case "Update":
                return old or self.item
            case _:
                return _sized(self.item)


def request(kind: str, body: Json, tables: Tables, fields: Mapping[str, frozenset[str]] = FIELDS) -> Request:
    """Check a request to write one item.

    Args:
        kind: ``Put``, ``Update``, ``Delete`` or ``ConditionCheck``.
        body: its fields, as in ``TransactWriteItems``.
        tables: where tables are found.
        fields: those that the API call has, by kind.

    Raises:
        Invalid: it makes no sense.
        NoTable: the table does not exist.
        Unsimulated: it has a field that is not simulated.
    """
    if not fields[kind].issuperset(body):
        raise Unsimulated(f"{kind} with {sorted(body.keys() - fields[kind])} is not simulated")
    table = tables.named(body["TableName"])
    names, values = body.get("ExpressionAttributeNames"), body.get("ExpressionAttributeValues")
    compiled = compile_expressions(
        body.get("ConditionExpression"),
        body.get("UpdateExpression"),
        None if names is None else tuple(names.items()),
        None if values is None else tuple(values),
    )
    item = stored_item(body["Item"] if kind == "Put" else body["Key"])
    key = table.key_in(item) if kind == "Put" else table.key_of(item)
    _check_changes(compiled.changed, table)
    shows_old = body.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
    return Request(kind, table, key, compiled, stored_item(values or {}), item, shows_old)


def _check_changes(changed: frozenset[str | int], table: Table) -> None:
    for name, _ in table.keys:
        if name in changed:
            raise Invalid(
                f"One or more parameter values were invalid: Cannot update attribute {name}. "
                "This attribute is part of the key"
            )


def _sized(item: Item) -> Item:
    if size(item) > LARGEST_ITEM:
        raise Invalid("Item size has exceeded the maximum allowed size")
    return item
