"""The world a test of the runtime looks at: a shop, its ledger, its clock, and what it asked of AWS."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from moto import mock_aws

from saga_runtime import telemetry
from saga_runtime.participant import Participant
from saga_runtime.services import Services
from shop import TABLE, Context, Shop

AWS: Any = boto3
"""boto3, without the types of the services whose stubs are not installed."""


@dataclass
class World:
    """Everything a test of the runtime looks at."""

    shop: Shop
    participant: Participant
    services: Services
    clock: list[float]
    requests: list[str] = field(default_factory=list[str])
    published: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def call(self, event: dict[str, Any], *, milliseconds: int = 3000) -> Any:
        return self.participant.handler(event, Context(milliseconds))

    def meta(self, saga_id: str = "t-1") -> str | None:
        return self.item("META", saga_id).get("st")

    def step(self, step: str = "goods", saga_id: str = "t-1") -> str | None:
        return self.item(f"STEP#0#{step}", saga_id).get("st")

    def item(self, sort_key: str, saga_id: str = "t-1") -> dict[str, Any]:
        return self._read("ledger", {"pk": {"S": f"SAGA#order#{saga_id}"}, "sk": {"S": sort_key}})

    def stock(self) -> int:
        return int(self._read(TABLE, {"pk": {"S": "stock"}})["pieces"])

    def _read(self, table: str, key: dict[str, Any]) -> dict[str, Any]:
        raw = AWS.client("dynamodb").get_item(TableName=table, Key=key).get("Item", {})
        return {name: next(iter(value.values())) for name, value in raw.items()}


def in_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """DynamoDB, EventBridge and SQS in memory (moto), and a clock that only tests move."""
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "SAGA_LEDGER": "ledger",
        "SAGA_BUS": "bus",
        "POWERTOOLS_SERVICE_NAME": "shop",
    }.items():
        monkeypatch.setenv(name, value)
    telemetry.logger()  # made once a process, it keeps the stream it finds: not one that ends with a test
    with mock_aws():
        _tables()
        clock = [1_800_000_000.0]
        services = Services(now=lambda: clock[0], sleep=lambda _: None, chance=lambda: 1.0)
        shop = Shop(services)
        world = World(shop, shop.participant(), services, clock)
        _record(world)
        yield world


def _tables() -> None:
    dynamodb = AWS.client("dynamodb")
    keys_of = {"Sagas": ("view", "at"), "Watchdog": ("wd", "alive")}
    views: Any = [
        {"IndexName": name, "KeySchema": _keys(*keys), "Projection": {"ProjectionType": "ALL"}}
        for name, keys in keys_of.items()
    ]
    for table, keys, index in (("ledger", ("pk", "sk"), views), (TABLE, ("pk",), [])):
        names = [*keys, *(name for one in keys_of.values() if index for name in one)]
        dynamodb.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": n, "AttributeType": "N" if n in ("at", "alive") else "S"} for n in names
            ],
            KeySchema=_keys(*keys),
            **({"GlobalSecondaryIndexes": index} if index else {}),
        )
    dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": "stock"}, "pieces": {"N": "5"}})
    AWS.client("events").create_event_bus(Name="bus")


def _keys(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)]


def _record(world: World) -> None:
    """Count the runtime's requests through botocore's own events."""

    def count(model: Any, **_: Any) -> None:
        world.requests.append(model.name)

    def publish(params: dict[str, Any], **_: Any) -> None:
        world.published.extend(params["Entries"])

    world.services.dynamodb.meta.events.register("before-call.dynamodb", count)
    world.services.events.meta.events.register("provide-client-params.events.PutEvents", publish)
