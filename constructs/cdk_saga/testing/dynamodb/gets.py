"""Reads of items by their keys: one, up to a hundred, or up to a hundred at one moment."""

from typing import Any, Final

from cdk_saga.testing.dynamodb.compiled import check_used
from cdk_saga.testing.dynamodb.errors import Invalid
from cdk_saga.testing.dynamodb.projections import Project, compile_projection
from cdk_saga.testing.dynamodb.tables import Table, Tables
from cdk_saga.testing.dynamodb.values import Item
from cdk_saga.testing.unsimulated import Unsimulated

Json = dict[str, Any]
MOST: Final = 100
OF_PROJECTION: Final = frozenset(("ProjectionExpression", "ExpressionAttributeNames"))


def get(tables: Tables, request: Json, operation: str = "GetItem") -> Json:
    """Answer ``GetItem``.

    Raises:
        Invalid: it makes no sense.
        NoTable: the table does not exist.
        Unsimulated: it has a field that is not simulated.
    """
    project = _projected(request, operation, {"TableName", "Key", "ConsistentRead"})
    table = tables.named(request["TableName"])
    item = _found(table, request["Key"], project)
    return {} if item is None else {"Item": item}


def batch_get(tables: Tables, request: Json) -> Json:
    """Answer ``BatchGetItem``: everything at once, and nothing is left unprocessed; raises as :func:`get`."""
    if unknown := request.keys() - {"RequestItems"}:
        raise Unsimulated(f"BatchGetItem with {sorted(unknown)} is not simulated")
    wanted: Json = request["RequestItems"]
    _check_count(sum(len(one["Keys"]) for one in wanted.values()), "requestItems")
    responses: dict[str, list[Item]] = {}
    for name, one in wanted.items():
        table, project = tables.named(name), _projected(one, "BatchGetItem", {"Keys", "ConsistentRead"})
        keys = [table.key_of(key) for key in one["Keys"]]
        if len(set(keys)) < len(keys):
            raise Invalid("Provided list of item keys contains duplicates")
        found = [_found(table, key, project) for key in one["Keys"]]
        responses[name] = [item for item in found if item is not None]
    return {"Responses": responses, "UnprocessedKeys": {}}


def transact_get(tables: Tables, request: Json) -> Json:
    """Answer ``TransactGetItems``; raises as :func:`get`."""
    if unknown := request.keys() - {"TransactItems"}:
        raise Unsimulated(f"TransactGetItems with {sorted(unknown)} is not simulated")
    wanted: list[Json] = [one["Get"] for one in request["TransactItems"]]
    _check_count(len(wanted), "transactItems")
    places = [(one["TableName"], tables.named(one["TableName"]).key_of(one["Key"])) for one in wanted]
    if len(set(places)) < len(places):
        raise Invalid("Transaction request cannot include multiple operations on one item")
    return {"Responses": [get(tables, one, "Get") for one in wanted]}


def _found(table: Table, key: Item, project: Project) -> Item | None:
    item = table.items.get(table.key_of(key))
    return None if item is None else project(item)


def _projected(request: Json, operation: str, fields: set[str]) -> Project:
    if unknown := request.keys() - fields - OF_PROJECTION:
        raise Unsimulated(f"{operation} with {sorted(unknown)} is not simulated")
    names = request.get("ExpressionAttributeNames", {})
    project, used = compile_projection(request.get("ProjectionExpression"), tuple(names.items()))
    check_used("Names", names, used)
    return project


def _check_count(count: int, what: str) -> None:
    if not 1 <= count <= MOST:
        raise Invalid(
            f"1 validation error detected: Value at '{what}' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MOST}"
        )
