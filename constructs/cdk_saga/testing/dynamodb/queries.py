"""Reads of many items: those of one partition in the order of their sort key, or all."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from cdk_saga.testing.dynamodb.compiled import check_used
from cdk_saga.testing.dynamodb.conditions import ConditionParser, Test
from cdk_saga.testing.dynamodb.errors import Invalid
from cdk_saga.testing.dynamodb.projections import Project, compile_projection
from cdk_saga.testing.dynamodb.tables import Key, Table
from cdk_saga.testing.dynamodb.values import Item
from cdk_saga.testing.unsimulated import Unsimulated

Json = dict[str, Any]
COMMON: Final = frozenset(
    (
        "TableName",
        "IndexName",
        "FilterExpression",
        "ProjectionExpression",
        "ExpressionAttributeNames",
        "ExpressionAttributeValues",
        "ConsistentRead",
        "Limit",
        "ExclusiveStartKey",
        "Select",
    )
)
OF_QUERY: Final = COMMON | {"KeyConditionExpression", "ScanIndexForward"}
OF_SCAN: Final = COMMON | {"Segment", "TotalSegments"}
EXPRESSIONS: Final = ("KeyConditionExpression", "FilterExpression", "ProjectionExpression")
SELECTS: Final = ("ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "COUNT")


def query(table: Table, request: Json) -> Json:
    """Answer ``Query``, all in one page unless ``Limit`` says otherwise.

    Raises:
        Invalid: it makes no sense.
        Unsimulated: it has a field that is not simulated.
    """
    shown, terms = _read(table, request, "Query", OF_QUERY)
    values: Mapping[str, Any] = request.get("ExpressionAttributeValues", {})
    # First by a partition that the request names at all: a table may hold a hundred thousand others.
    here = shown.having(shown.keys[0][0], [*values.values()])
    keys = sorted((key for key, item in here if terms.in_range(item, values)), key=shown.order)
    if request.get("ScanIndexForward") is False:
        keys.reverse()
    return _page(shown, keys, request, terms)


def scan(table: Table, request: Json) -> Json:
    """Answer ``Scan``, likewise: partitions in no order that means anything, each in that of its sort key."""
    shown, terms = _read(table, request, "Scan", OF_SCAN)
    segments = request.get("TotalSegments", 1)
    here = [key for key in shown.items if _scattered(key) % segments == request.get("Segment", 0)]
    return _page(shown, sorted(here, key=lambda key: (_scattered(key), shown.order(key))), request, terms)


class _Terms:
    """A request's expressions."""

    def __init__(self, in_range: Test, passes: Test, project: Project) -> None:
        self.in_range = in_range
        self.passes = passes
        self.project = project


def _read(table: Table, request: Json, operation: str, fields: frozenset[str]) -> tuple[Table, _Terms]:
    if unknown := request.keys() - fields:
        raise Unsimulated(f"{operation} with {sorted(unknown)} is not simulated")
    if request.get("Select", SELECTS[0]) not in SELECTS:
        raise Invalid(f"Value '{request['Select']}' at 'select' failed to satisfy constraint")
    named = [*request.get("ExpressionAttributeValues", {}).values()] if operation == "Query" else None
    shown = table.through(request["IndexName"], named) if "IndexName" in request else table
    if operation == "Query" and "KeyConditionExpression" not in request:
        raise Invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
    terms = _compiled(
        tuple(request.get(name) for name in EXPRESSIONS),
        tuple(request.get("ExpressionAttributeNames", {}).items()),
        tuple(request.get("ExpressionAttributeValues", {})),
        tuple(name for name, _ in shown.keys),
    )
    return shown, terms


def _page(table: Table, keys: Sequence[Key], request: Json, terms: _Terms) -> Json:
    values: Mapping[str, Any] = request.get("ExpressionAttributeValues", {})
    if start := request.get("ExclusiveStartKey"):
        keys = keys[keys.index(table.start(start)) + 1 :]
    page = keys[: request.get("Limit", len(keys))]
    found = [table.items[key] for key in page if terms.passes(table.items[key], values)]
    items = {} if request.get("Select") == "COUNT" else {"Items": [terms.project(item) for item in found]}
    last = {"LastEvaluatedKey": table.position(table.items[page[-1]])} if page and len(page) < len(keys) else {}
    return {**items, "Count": len(found), "ScannedCount": len(page), **last}


@lru_cache(maxsize=1024)
def _compiled(
    expressions: tuple[str | None, ...],
    names: tuple[tuple[str, str], ...],
    values: tuple[str, ...],
    keys: tuple[str, ...],
) -> _Terms:
    key_condition, condition, projection = expressions
    in_range = passes = _everything
    used: set[str] = set()
    if key_condition is not None:
        of_key = ConditionParser("KeyConditionExpression", key_condition, dict(names), values)
        in_range = of_key.parse()
        used |= of_key.used
        if keys[0] not in _parts(of_key.paths):
            raise Invalid(f"Query condition missed key schema element: {keys[0]}")
    if condition is not None:
        rest = ConditionParser("FilterExpression", condition, dict(names), values)
        passes = rest.parse()
        used |= rest.used
    project, more = compile_projection(projection, names)
    used |= more
    check_used("Names", dict(names), used)
    check_used("Values", values, used)
    return _Terms(in_range, passes, project)


def _parts(paths: Iterable[Sequence[str | int]]) -> set[str | int]:
    return {part for path in paths for part in path}


def _everything(_item: Item, _values: Mapping[str, Any]) -> bool:
    return True


def _scattered(key: Key) -> int:
    """Where a partition lies: DynamoDB spreads them by a hash of its own."""
    return zlib.crc32(repr(key[0]).encode(errors="surrogatepass"))
