"""One participant at a time, over AWS in memory (moto)."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

import harness

VARIABLES = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "SAGA_LEDGER": "ledger",
    "SAGA_BUS": "bus",
    "TABLE": harness.TABLE,
}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS with a ledger, a queue, and the participant's own table."""
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        _table("ledger", "pk", "sk")
        _table(harness.TABLE, "pk")
        harness.client("sqs").create_queue(QueueName=harness.QUEUE)
        yield


def _table(name: str, *keys: str) -> None:
    harness.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)],
    )
