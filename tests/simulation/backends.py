"""The implementations of DynamoDB that the contract holds to the same truth, AWS's documentation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from botocore.exceptions import ClientError

Json = dict[str, Any]
Test = TypeVar("Test", bound=Callable[..., None])

BACKENDS: Final = ("simulated", "moto", "emulator")
KEY: Final = {"pk": "HASH", "sk": "RANGE"}


def differs(**reasons: str) -> Callable[[Test], Test]:
    """Mark what an implementation is known to do otherwise than AWS, and leave it out there."""

    def mark(test: Test) -> Test:
        vars(test)["differs"] = reasons
        return test

    return mark


def sides_with_aws(test: Callable[..., None], backend: str) -> bool:
    """Whether nothing else is known."""
    return backend not in vars(test).get("differs", {})


@dataclass
class Backend:
    """A table, and one item to play with."""

    client: Any
    table: str

    def put(self, **attributes: Json) -> None:
        """Write the item."""
        self.client.put_item(TableName=self.table, Item={**key(), **attributes})

    def update(self, expression: str, **request: Any) -> Json:
        """Update the item."""
        return self.client.update_item(
            TableName=self.table, Key=key(), UpdateExpression=expression, **_expressions(request)
        )

    def item(self, sk: str = "1") -> Json | None:
        """The item's attributes without its key; `None` when there is none."""
        found = self.client.get_item(TableName=self.table, Key=key(sk), ConsistentRead=True).get("Item")
        return found and {name: value for name, value in found.items() if name not in KEY}

    def meets(self, condition: str, **request: Any) -> bool:
        """Whether the item meets a condition."""
        try:
            self.transact(self.check(condition, **request))
        except ClientError as error:
            if "TransactionCanceledException" not in str(error):
                raise
            return False
        return True

    def transact(self, *items: Json, **request: Any) -> None:
        """Send a transaction."""
        self.client.transact_write_items(TransactItems=list(items), **request)

    def check(self, condition: str, sk: str = "1", **request: Any) -> Json:
        """An entry of a transaction that checks a condition."""
        body = {"TableName": self.table, "Key": key(sk), "ConditionExpression": condition, **_expressions(request)}
        return {"ConditionCheck": body}

    def putting(self, sk: str = "1", condition: str | None = None, **attributes: Json) -> Json:
        """An entry that puts an item, and asks to see the old one if that is refused."""
        body: Json = {"TableName": self.table, "Item": {**key(sk), **attributes}}
        if condition:
            body |= {"ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        return {"Put": body}

    def updating(self, expression: str, sk: str = "1", **request: Any) -> Json:
        """An entry that updates an item."""
        body = {"TableName": self.table, "Key": key(sk), "UpdateExpression": expression, **_expressions(request)}
        return {"Update": body}

    def deleting(self, sk: str = "1", **request: Any) -> Json:
        """An entry that deletes an item."""
        return {"Delete": {"TableName": self.table, "Key": key(sk), **_expressions(request)}}


def key(sk: str = "1") -> Json:
    """An item's key."""
    return {"pk": {"S": "p"}, "sk": {"S": sk}}


def reason(error: Any) -> tuple[str, str]:
    """The code and the message of a refusal."""
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def _expressions(request: Json) -> Json:
    short = {
        "names": "ExpressionAttributeNames",
        "values": "ExpressionAttributeValues",
        "condition": "ConditionExpression",
        "returns": "ReturnValues",
        "shows": "ReturnValuesOnConditionCheckFailure",
    }
    return {short.get(name, name): value for name, value in request.items()}
