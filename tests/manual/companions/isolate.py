"""Two sagas and one customer's limit, with the handlers that the page shows."""

import os

import boto3
import pytest

from saga_runtime import Rejected
from shop import TABLE, Context, payload
from world import in_memory

GIVEN = {"customer": "ada", "more": 300}
os.environ["TABLE"] = TABLE


def call(name: str, operation: str = "action", *, saga_id: str = "t-1", **more: object) -> object:
    step = "limit" if name != "confirm_limit" else "confirm"
    return handler(payload(name, operation, step=step, saga_id=saga_id, given=GIVEN, **more), Context())


def cents() -> int:
    found = boto3.client("dynamodb").get_item(TableName=TABLE, Key={"pk": {"S": "ada"}})
    return int(found["Item"]["cents"]["N"])


with pytest.MonkeyPatch.context() as patch:
    for _ in in_memory(patch):  # the handlers make their clients when they are imported: moto's
        from limits.handlers import BUSY, handler  # pyright: ignore[reportMissingImports] # the page's

        call("raise_limit", first=True)
        with pytest.raises(Rejected, match=BUSY):
            call("raise_limit", saga_id="t-2", first=True)
        call("lower_limit", "compensation", failure={"outcome": "unknown"})
        assert cents() == 0, "the first saga has gone back"
        call("raise_limit", saga_id="t-3", first=True)
        call("confirm_limit", saga_id="t-3")
        call("raise_limit", saga_id="t-4", first=True)
        assert cents() == 600, "nobody holds the lock, so the next one may"
