"""What the ledger, the participants' tables and the providers' books say: the same questions for both styles."""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from demo.deployment import Deployed
from demo.example import Column, Example, Orders, Requests, Stock
from saga_runtime.ledger import SagaKey, Sagas, SagaState, Store
from saga_runtime.services import Services

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Effects:
    """What sagas have given up.

    Attributes:
        columns: what is left of a stock, and what is held; only the latter of a provider's orders.
        told: the messages to the customer.
        skipped: the reasons for which compensations were let go.
    """

    columns: Mapping[str, tuple[int, ...]]
    told: tuple[str, ...]
    skipped: tuple[str, ...]


class Books:
    """Reads, and prepares, what the cases need. A `key` begins the names of all that belongs to a run."""

    def __init__(self, deployment: Deployed) -> None:
        self._dynamodb = deployment.client("dynamodb")
        self._deployment = deployment
        self._table = functools.cache(lambda function: deployment.variable(function, "TABLE"))
        services = Services(client=deployment.client)
        services.ledger_table = self._ledger = deployment.variable("Flights", "SAGA_LEDGER")
        self._sagas = Sagas(Store(services))

    def stock(self, example: Example, key: str, stock: Mapping[str, int]) -> None:
        """Put on sale what sagas take; `stock` says of how much there is not as much as usual."""
        for column in (column for column in example.columns.values() if isinstance(column, Stock)):
            for name, shelf in column.shelves.items():
                units = {"N": str(stock.get(name, shelf.stock))}
                item = {"pk": {"S": _shelf(column, key + name)}, column.counted_in: units}
                self._dynamodb.put_item(TableName=self._table(column.function), Item=item)

    def repair(self, key: str) -> None:
        """Have the providers treat a run's orders well from now on."""
        self._deployment.repair(key)

    def state(self, saga: str, saga_id: str) -> SagaState:
        """A saga as the ledger has it."""
        return self._sagas.state(SagaKey(saga, saga_id))

    def says(self, saga: str, saga_id: str, what: str) -> bool:
        """Whether the ledger says so of the saga, e.g. `STUCK at hotel`, or of one of its steps, e.g. `hotel DONE`."""
        state = self.state(saga, saga_id)
        steps = {f"{step} {item.get('st')}" for step, item in state.steps.items()}
        return what in {f"{state.status} at {state.stuck_at}", *steps}

    def told(self, saga: str, key: str) -> tuple[str, ...]:
        """What the customer has been told."""
        rows = self._rows(self._table("Messages"), f"MESSAGE#{saga}#{key}")
        return tuple(sorted(row["text"] for row in rows))

    def endings(self, saga: str, key: str) -> tuple[str, ...]:
        """How the sagas ended that the ledger knows of, in alphabetical order."""
        metas = [row for row in self._rows(self._ledger, f"SAGA#{saga}#{key}") if row["sk"] == "META"]
        return tuple(sorted(row["st"] for row in metas))

    def effects(self, example: Example, saga: str, key: str) -> Effects:
        """What the sagas have given up."""
        steps = self._rows(self._ledger, f"SAGA#{saga}#{key}")
        return Effects(
            columns={heading: self._found(column, saga, key) for heading, column in example.columns.items()},
            told=self.told(saga, key),
            skipped=tuple(sorted(row["skipped"] for row in steps if "skipped" in row)),
        )

    def _found(self, column: Column, saga: str, key: str) -> tuple[int, ...]:
        if isinstance(column, Orders):
            orders = self._deployment.orders(column.collection)
            return (sum(order["key"].startswith(f"{saga}.{key}") and not order["cancelled"] for order in orders),)
        table = self._table(column.function)
        if isinstance(column, Requests):
            return (sum(1 for _ in self._rows(table, f"REQUEST#{saga}.{key}")),)
        left = sum(int(row[column.counted_in]) for row in self._rows(table, _shelf(column, key)))
        bookings = self._rows(table, f"BOOKING#{saga}.{key}")
        held = sum(int(line[column.counted_in]) for row in bookings for line in row.get("lines", [row]))
        return left, held

    def _rows(self, table: str, prefix: str) -> Iterator[Json]:
        """All items whose partition key begins so."""
        for page in self._dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
            yield from (_plain(item) for item in page["Items"] if item["pk"]["S"].startswith(prefix))


def _shelf(column: Stock, name: str) -> str:
    return f"{column.what.upper()}#{name}"


def _plain(item: Json) -> Json:
    return {name: TypeDeserializer().deserialize(value) for name, value in item.items()}
