"""A participant on Powertools' `@idempotent`, as its documentation shows it: the requests that a step costs there."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast
from unittest.mock import patch

import boto3
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent_function
from moto import mock_aws

from bench.units import write_units
from shop import Context

Json = dict[str, Any]
TABLES: Final = ("idempotency", "own")
KEYS: Final = {"idempotency": "id", "own": "pk"}
VARIABLES: Final = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_LAMBDA_FUNCTION_NAME": "participant",
}


@dataclass
class Requests:
    """What was asked of DynamoDB."""

    number: int = 0
    units: int = 0

    def take(self, parameters: Json, model: Any) -> None:
        """Note one request, as botocore is about to send it."""
        self.number += 1
        self.units += write_units(model.name, parameters)


@contextmanager
def participant() -> Generator[Callable[..., tuple[int, int]]]:
    """A function that delivers one command and says how many requests, and write units, that took.

    `own`: whether the effect is in DynamoDB: the usual two writes, in a transaction. Else it is outside.
    """
    with patch.dict(os.environ, VARIABLES), mock_aws():
        session = boto3.Session()
        client: Any = cast(Any, session).client("dynamodb")
        for name in TABLES:
            client.create_table(
                TableName=name,
                KeySchema=[{"AttributeName": KEYS[name], "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": KEYS[name], "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        asked = Requests()
        session.events.register(
            "provide-client-params.dynamodb.*", lambda params, model, **_: asked.take(params, model)
        )
        counted: Any = cast(Any, session).client("dynamodb")
        config = IdempotencyConfig(event_key_jmespath="[id, step, operation]")
        config.register_lambda_context(cast(Any, Context()))
        layer = DynamoDBPersistenceLayer(table_name="idempotency", boto3_session=session)

        @idempotent_function(
            data_keyword_argument="command",
            persistence_store=layer,
            config=config,
        )
        def act(*, command: Json) -> Json:
            if command["own"]:
                counted.transact_write_items(TransactItems=_writes(command))
            return {"done": command["step"]}

        def deliver(step: str, operation: str = "action", *, own: bool = True) -> tuple[int, int]:
            asked.number = asked.units = 0
            act(command={"id": "s-1", "step": step, "operation": operation, "own": own})
            return asked.number, asked.units

        yield deliver


def _writes(command: Json) -> list[Json]:
    """A stock that is counted, and a booking."""
    stock = {
        "TableName": "own",
        "Key": {"pk": {"S": "stock"}},
        "UpdateExpression": "ADD pieces :n",
        "ExpressionAttributeValues": {":n": {"N": "-1" if command["operation"] == "action" else "1"}},
    }
    booking = {"TableName": "own", "Item": {"pk": {"S": f"BOOKING#{command['step']}"}}}
    key = {"TableName": "own", "Key": booking["Item"]}
    return [{"Update": stock}, {"Put": booking} if command["operation"] == "action" else {"Delete": key}]
