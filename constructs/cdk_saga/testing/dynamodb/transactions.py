"""Transactions: all of their writes or none, and each at most once."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from cdk_saga.testing.dynamodb.errors import ConditionFailed, Invalid, cancelled, refused
from cdk_saga.testing.dynamodb.tables import Tables
from cdk_saga.testing.dynamodb.writes import Request, Write, request
from cdk_saga.testing.unsimulated import Unsimulated

Json = dict[str, Any]
MAX_ITEMS: Final = 100
TOKEN_LIFE: Final = 600
"""Seconds for which a ``ClientRequestToken`` is remembered."""


class Transactions:
    """Decides on transactions.

    Args:
        now: the time.
        tables: where items are.
    """

    def __init__(self, now: Callable[[], float], tables: Tables) -> None:
        self._now = now
        self._tables = tables
        self._tokens: dict[str, tuple[float, str]] = {}

    def decide(self, request: Json) -> list[Write]:
        """What a transaction changes; nothing when it has been done before.

        Raises:
            ClientError: conditions failed, or updates do not fit; or its token belongs to another transaction.
            Invalid: it makes no sense.
            NoTable: a table does not exist.
        """
        if unknown := request.keys() - {"TransactItems", "ClientRequestToken"}:
            raise Unsimulated(f"TransactWriteItems with {sorted(unknown)} is not simulated")
        if self._done_before(request):
            return []
        writes = _decided(self._requests(request["TransactItems"]))
        if token := request.get("ClientRequestToken"):
            self._tokens[token] = self._now(), _text(request)
        return writes

    def _requests(self, items: Sequence[Json]) -> list[Request]:
        if not 1 <= len(items) <= MAX_ITEMS:
            raise Invalid(
                f"1 validation error detected: Value at 'transactItems' failed to satisfy constraint: "
                f"Member must have length less than or equal to {MAX_ITEMS}"
            )
        requests = [request(kind, body, self._tables) for item in items for kind, body in item.items()]
        if len({(found.table.name, found.key) for found in requests}) < len(requests):
            raise Invalid("Transaction request cannot include multiple operations on one item")
        return requests

    def _done_before(self, request: Json) -> bool:
        at, text = self._tokens.get(request.get("ClientRequestToken", ""), (0.0, ""))
        if not text or self._now() - at > TOKEN_LIFE:
            return False
        if text != _text(request):
            message = "Request token is already used with different parameters"
            raise refused("IdempotentParameterMismatchException", message, "TransactWriteItems")
        return True


def _decided(requests: Sequence[Request]) -> list[Write]:
    writes: list[Write] = []
    reasons: list[Json] = []
    for found in requests:
        try:
            writes.append(found.decide())
            reasons.append({"Code": "None"})
        except ConditionFailed as failed:
            item = {"Item": failed.item} if failed.item else {}
            reasons.append({"Code": "ConditionalCheckFailed", "Message": str(failed), **item})
        except Invalid as error:
            reasons.append({"Code": "ValidationError", "Message": str(error)})
    if len(writes) < len(requests):
        raise cancelled(reasons)
    return writes


def _text(request: Json) -> str:
    return json.dumps(request["TransactItems"], sort_keys=True, default=repr)
