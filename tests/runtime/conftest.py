"""DynamoDB, EventBridge and SQS in memory (moto), and a clock that only tests move."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from saga_runtime import telemetry
from saga_runtime.services import Services
from shop import TABLE, Shop
from world import AWS, World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
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
    for table, keys in (("ledger", ("pk", "sk")), (TABLE, ("pk",))):
        dynamodb.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            KeySchema=[{"AttributeName": k, "KeyType": t} for k, t in zip(keys, ("HASH", "RANGE"), strict=False)],
        )
    dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": "stock"}, "pieces": {"N": "5"}})
    AWS.client("events").create_event_bus(Name="bus")


def _record(world: World) -> None:
    """Count the runtime's requests through botocore's own events."""

    def count(model: Any, **_: Any) -> None:
        world.requests.append(model.name)

    def publish(params: dict[str, Any], **_: Any) -> None:
        world.published.extend(params["Entries"])

    world.services.dynamodb.meta.events.register("before-call.dynamodb", count)
    world.services.events.meta.events.register("provide-client-params.events.PutEvents", publish)
