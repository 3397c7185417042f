"""Queries: the items of one partition, in the order of their sort key."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from cdk_saga.testing.dynamodb.compiled import check_used
from cdk_saga.testing.dynamodb.conditions import ConditionParser, Test
from cdk_saga.testing.dynamodb.errors import Invalid
from cdk_saga.testing.dynamodb.tables import Table
from cdk_saga.testing.dynamodb.values import Item, copied

Json = dict[str, Any]
FIELDS: Final = frozenset(
    (
        "TableName",
        "IndexName",
        "KeyConditionExpression",
        "FilterExpression",
        "ExpressionAttributeNames",
        "ExpressionAttributeValues",
        "ConsistentRead",
        "ScanIndexForward",
        "Limit",
        "ExclusiveStartKey",
    )
)


def query(table: Table, request: Json) -> Json:
    """Answer ``Query`` for a table, all in one page unless ``Limit`` says otherwise.

    Raises:
        Invalid: it makes no sense.
        NotImplementedError: it has a field that is not simulated.
    """
    if unknown := request.keys() - FIELDS:
        raise NotImplementedError(f"Query with {sorted(unknown)} is not simulated")
    if "IndexName" in request:
        if request.keys() & {"ExclusiveStartKey", "Limit"}:
            raise NotImplementedError("pages of an index are not simulated")
        table = table.through(request["IndexName"])
    values: Mapping[str, Any] = request.get("ExpressionAttributeValues", {})
    in_range, passes = _compiled(
        request["KeyConditionExpression"],
        request.get("FilterExpression"),
        tuple(request.get("ExpressionAttributeNames", {}).items()),
        tuple(values),
        tuple(name for name, _ in table.keys),
    )
    keys = sorted(key for key, item in table.items.items() if in_range(item, values))
    if request.get("ScanIndexForward") is False:
        keys.reverse()
    if start := request.get("ExclusiveStartKey"):
        keys = keys[keys.index(table.key_of(start)) + 1 :]
    page = keys[: request.get("Limit", len(keys))]
    found = [copied(table.items[key]) for key in page if passes(table.items[key], values)]
    last = {"LastEvaluatedKey": _key(table, table.items[page[-1]])} if len(page) < len(keys) else {}
    return {"Items": found, "Count": len(found), "ScannedCount": len(page), **last}


@lru_cache(maxsize=1024)
def _compiled(
    key_condition: str,
    condition: str | None,
    names: tuple[tuple[str, str], ...],
    values: tuple[str, ...],
    keys: tuple[str, ...],
) -> tuple[Test, Test]:
    of_key = ConditionParser("KeyConditionExpression", key_condition, dict(names), values)
    in_range, passes = of_key.parse(), _everything
    used = of_key.used
    if keys[0] not in {part for path in of_key.paths for part in path}:
        raise Invalid(f"Query condition missed key schema element: {keys[0]}")
    if condition is not None:
        rest = ConditionParser("FilterExpression", condition, dict(names), values)
        passes = rest.parse()
        used = used | rest.used
    check_used("Names", dict(names), used)
    check_used("Values", values, used)
    return in_range, passes


def _everything(_item: Item, _values: Mapping[str, Any]) -> bool:
    return True


def _key(table: Table, item: Item) -> Item:
    return copied({name: item[name] for name, _ in table.keys})
