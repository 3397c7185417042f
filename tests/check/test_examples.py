"""The example's own sagas and participants, as deployed, survive everything."""

from typing import Any

import pytest

from cdk_saga import Saga
from cdk_saga.testing.check import check
from participants import approvals, flights, hotels, notices, payments, shipping, transfers, warehouse
from saga_runtime import Command, Rejected
from stacks.business_trip import business_trip
from stacks.order import order
from stacks.trip import trip

pytestmark = pytest.mark.long("checks each example as its users do")

Json = dict[str, Any]
MODULES = (approvals, flights, hotels, notices, payments, shipping, transfers, warehouse)
PARTICIPANTS = {module.__name__.rsplit(".", 1)[1]: module for module in MODULES}
TABLES = {
    "approvals": [],
    "flights": [{"pk": "FLIGHT#LH1", "seats": 3}],
    "hotels": [{"pk": "HOTEL#Roma", "rooms": 2}],
    "warehouse": [{"pk": "ARTICLE#pen", "pieces": 5}, {"pk": "ARTICLE#ink", "pieces": 2}],
    "shipping": [{"pk": "REGION#north", "parcels": 2}],
}
TRIP: Json = {
    "customer": "Ada",
    "flight": {"number": "LH1", "seats": 2},
    "hotel": {"name": "Roma"},
    "transfer": {"pickup": "FCO"},
}
ORDER: Json = {
    "customer": "Ada",
    "payment": {"card": "4711", "cents": 900},
    "lines": [{"article": "pen", "pieces": 2}, {"article": "ink"}],
    "region": {"name": "north"},
}


class Provider:
    """What `participants.provider.Provider` asks over HTTP: an order a key, and a no for some."""

    def __init__(self) -> None:
        self.orders: dict[str, Json] = {}

    def place(self, command: Command, order: Json, *, refused: str) -> Json:
        if order.get("pickup") == "nowhere":
            raise Rejected(refused)
        self.orders.setdefault(command.idempotency_key, order)
        return {"confirmation": f"C-{command.idempotency_key}"}

    def cancel(self, command: Command) -> None:
        self.orders.pop(command.idempotency_key, None)

    def effects(self) -> dict[str, Json]:
        return self.orders


BUSINESS: Json = {**TRIP, "trip": {"cents": 90_000}}


@pytest.mark.parametrize(
    ("saga", "inputs"),
    [
        (trip, [TRIP, {**TRIP, "transfer": {"pickup": "nowhere"}}, {**TRIP, "flight": {"number": "LH1", "seats": 4}}]),
        (order, [ORDER, {**ORDER, "lines": [{"article": "ink", "pieces": 3}]}]),
        (business_trip, [BUSINESS, {**BUSINESS, "trip": {"cents": 900}}, {**BUSINESS, "trip": {"cents": 2_000_000}}]),
    ],
    ids=["trip", "order", "business trip"],
)
def test_the_example_survives_everything(saga: Saga, inputs: list[Json]) -> None:
    modules = {name: PARTICIPANTS[name] for name in saga.participants}
    with_table = [name for name in modules if name in TABLES]
    report = check(
        saga,
        participants={name: vars(module)[name] for name, module in modules.items()},
        tables={name: TABLES[name] for name in with_table},
        environment={name: {"TABLE": name, "LIMIT": "50000"} for name in with_table},
        providers={f"{module.__name__}.provider": Provider for name, module in modules.items() if name not in TABLES},
        inputs=inputs,
        most=600,
    )
    assert report.ok, str(report)
    assert report.runs > 400
