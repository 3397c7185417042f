"""Fixtures of the simulation's tests."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from cdk_saga.testing.dynamodb import DynamoDB
from emulator.pytest_fixtures import running_emulator
from simulation.backends import BACKENDS, KEY, Backend, sides_with_aws

__all__ = ["running_emulator"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames:
        truthful = [name for name in BACKENDS if sides_with_aws(metafunc.function, name)]
        metafunc.parametrize("backend", truthful, indirect=True)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """A fresh table of one implementation of DynamoDB."""
    with ExitStack() as stack:
        client = _client(request, stack)
        name = f"table-{uuid4().hex[:8]}"
        client.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in KEY.items()],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in KEY],
            BillingMode="PAY_PER_REQUEST",
        )
        yield Backend(client, name)


def _client(request: pytest.FixtureRequest, stack: ExitStack) -> Any:
    match request.param:
        case "emulator":
            return request.getfixturevalue("running_emulator").client("dynamodb")
        case "moto":
            stack.enter_context(mock_aws())
            keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
            return boto3.client("dynamodb", region_name="us-east-1", **keys)  # pyright: ignore[reportArgumentType]
        case _:
            return DynamoDB()
