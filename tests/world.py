"""The world a test of the runtime looks at: a shop, its ledger, its clock, and what it asked of AWS."""

from dataclasses import dataclass, field
from typing import Any

import boto3

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
