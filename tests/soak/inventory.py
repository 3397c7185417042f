"""Everything there is, read once when all is quiet: no question is asked of anything that still moves."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from boto3.dynamodb.types import TypeDeserializer

from demo.deployment import Deployment
from local.trouble import COLLECTIONS, PARTICIPANTS
from saga_runtime.ledger import SagaState

Json = dict[str, Any]
TABLES: Final = ("Flights", "Hotels", "Warehouse", "Shipping", "Approvals", "Messages")
BOOKS: Final = ("BOOKING#", "REQUEST#")
"""How the keys of what sagas hold begin: a booking of a stock, or a request that somebody approves."""


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """What was found.

    Attributes:
        states: each saga of the ledger, by name and id.
        rows: the items of each participant's table, by key.
        orders: the keys of the orders with each provider that are not cancelled.
    """

    states: dict[tuple[str, str], SagaState]
    rows: dict[str, dict[str, Json]]
    orders: dict[str, set[str]]

    def has(self, example: str, saga: tuple[str, str], step: str) -> bool:
        """Whether the effect of a saga's step is there: a booking, a request, or an order with the provider."""
        key, participant = f"{saga[0]}.{saga[1]}.{step}", PARTICIPANTS[example][step]
        if collection := COLLECTIONS.get(participant):
            return key in self.orders[collection]
        return any(f"{book}{key}" in self.rows[participant.title()] for book in BOOKS)


def take(deployment: Deployment) -> Inventory:
    """Read everything."""
    dynamodb = deployment.client("dynamodb")
    rows = {
        table: {row["pk"]: row for row in rows_of(dynamodb, deployment.variable(table, "TABLE"))} for table in TABLES
    }
    orders = {
        collection: {order["key"] for order in deployment.provider.orders(collection) if not order["cancelled"]}
        for collection in COLLECTIONS.values()
    }
    return Inventory(states=ledger(deployment), rows=rows, orders=orders)


def ledger(deployment: Deployment) -> dict[tuple[str, str], SagaState]:
    """Every saga of the example's ledger."""
    return sagas_in(deployment.client("dynamodb"), deployment.variable("Flights", "SAGA_LEDGER"))


def sagas_in(dynamodb: Any, table: str) -> dict[tuple[str, str], SagaState]:
    """Every saga of a ledger, by name and id."""
    found: defaultdict[tuple[str, str], SagaState] = defaultdict(lambda: SagaState({}, {}))
    for row in rows_of(dynamodb, table):
        _, name, saga_id = row["pk"].split("#")
        state = found[name, saga_id]
        if row["sk"] == "META":
            state.meta.update(row)
        else:
            state.steps[row["sk"].rpartition("#")[2]] = row
    return dict(found)


def rows_of(dynamodb: Any, table: str) -> Iterator[Json]:
    """Every item of a table."""
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        for item in page["Items"]:
            yield {name: TypeDeserializer().deserialize(value) for name, value in item.items()}
