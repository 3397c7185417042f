"""DynamoDB's refusals, with the shapes and texts that boto3 raises."""

from collections.abc import Sequence
from typing import Any, cast

from botocore.exceptions import ClientError

Json = dict[str, Any]


def refused(code: str, message: str, operation: str, **fields: object) -> ClientError:
    """The error that boto3 raises for a refused request.

    Args:
        code: the exception's name on the wire, e.g. ``ResourceNotFoundException``.
        message: what DynamoDB says.
        operation: the API call, e.g. ``PutItem``.
        fields: what else the response has, e.g. ``Item``.
    """
    response = {"Error": {"Code": code, "Message": message}, "message": message, **fields}
    return ClientError(cast(Any, response), operation)


class Invalid(Exception):
    """A request that makes no sense; becomes a ``ValidationException``."""


class NoTable(Exception):
    """The table does not exist; becomes a ``ResourceNotFoundException``."""


class ConditionFailed(Exception):
    """An item does not meet a request's condition.

    Attributes:
        item: as it is, when the request asked to see it.
    """

    def __init__(self, item: Json | None) -> None:
        super().__init__("The conditional request failed")
        self.item = item

    def as_error(self, operation: str) -> ClientError:
        """The error of a request for one item."""
        shown = {"Item": self.item} if self.item else {}
        return refused("ConditionalCheckFailedException", str(self), operation, **shown)


def cancelled(reasons: Sequence[Json]) -> ClientError:
    """The error of a transaction; ``reasons`` are in the order of its items."""
    codes = ", ".join(reason["Code"] for reason in reasons)
    message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    code = "TransactionCanceledException"
    return refused(code, message, "TransactWriteItems", CancellationReasons=list(reasons))
