"""The business writes of a step, collected by a handler and committed by the ledger in one transaction."""

import functools
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack, cast

from saga_runtime.start import loading
from saga_runtime.values import MOST_DIGITS

if TYPE_CHECKING:
    from saga_runtime.command import Command
    from saga_runtime.ledger.items import Entry

Json = Mapping[str, Any]
MOST_WRITES: Final = 98
"""A transaction has at most 100 items, two of them are the ledger's."""


class BadWrite(ValueError):
    """A write that DynamoDB cannot hold; the text names the value and the limit."""


class Terms(TypedDict, total=False):
    """When a write may happen, and what its values are.

    Attributes:
        condition: a condition expression on the item as it is.
        values: what ``:name`` stands for in expressions.
        names: what ``#name`` stands for.
        rejected: the business meaning of a failing condition: the action is rejected with that text. Without it a
            failing condition is an error and the outcome unknown.
    """

    condition: str
    values: Json
    names: Mapping[str, str]
    rejected: str


class Writes:
    """Collects writes; nothing happens until the handler has returned.

    Raises:
        BadWrite: a value that DynamoDB cannot hold, or more than 98 writes.
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.rejections: list[str | None] = []

    def put(self, table: str, item: Json, **terms: Unpack[Terms]) -> None:
        """Write a whole item."""
        self._add("Put", {"TableName": table, "Item": _map(item, "item")}, terms)

    def update(self, table: str, key: Json, expression: str, **terms: Unpack[Terms]) -> None:
        """Change an item by an update expression, e.g. ``"ADD seats :less"`` with ``values={":less": -1}``."""
        self._add("Update", {"TableName": table, "Key": _map(key, "key"), "UpdateExpression": expression}, terms)

    def delete(self, table: str, key: Json, **terms: Unpack[Terms]) -> None:
        """Remove an item."""
        self._add("Delete", {"TableName": table, "Key": _map(key, "key")}, terms)

    def check(self, table: str, key: Json, **terms: Unpack[Terms]) -> None:
        """Change nothing, but require a condition of an item."""
        self._add("ConditionCheck", {"TableName": table, "Key": _map(key, "key")}, terms)

    def reread(self, table: str, key: Json, seen: Json, *, rejected: str) -> None:
        """Require that an item still has the attributes ``seen``, as they were when the handler read it.

        Stops the fuzzy read and the lost update: another saga changed in between what this one decided upon. For an
        item that this step writes as well, put the same condition on that write: an item stands once in a transaction.
        """
        names = {f"#a{i}": name for i, name in enumerate(seen)}
        values = {f":v{i}": value for i, value in enumerate(seen.values())}
        condition = " AND ".join(f"#a{i} = :v{i}" for i in range(len(seen)))
        self.check(table, key, condition=condition, names=names, values=values, rejected=rejected)

    def lock(self, table: str, what: str, holder: "Command", *, rejected: str) -> None:
        """Take the semantic lock on ``what`` for the command's saga, until :meth:`unlock`.

        A row ``LOCK#<what>`` of the participant's own table (partition key ``pk``) names the saga; taking it again is
        a no-op for the holder and a rejection for every other saga. Stops the dirty read and the lost update: nobody
        else touches what may still be undone ("Countermeasures", Frank and Zahle, 1998).
        """
        terms: Terms = {**_held_by(holder), "rejected": rejected}
        self.update(table, _lock(what), "SET #holder = :holder", **terms)

    def unlock(self, table: str, what: str, holder: "Command") -> None:
        """Give the lock back: in the step after which nothing is undone any more, and in the compensation."""
        self.delete(table, _lock(what), **_held_by(holder))

    def _add(self, kind: str, body: dict[str, Any], terms: Terms) -> None:
        if len(self.entries) == MOST_WRITES:
            raise BadWrite(f"a step has at most {MOST_WRITES} writes (the limit of a transaction, less 2): split it")
        if "condition" in terms:
            body["ConditionExpression"] = terms["condition"]
        if "values" in terms:
            body["ExpressionAttributeValues"] = _map(terms["values"], "values")
        if "names" in terms:
            body["ExpressionAttributeNames"] = dict(terms["names"])
        self.entries.append({kind: body})
        self.rejections.append(terms.get("rejected"))


def _lock(what: str) -> dict[str, str]:
    return {"pk": f"LOCK#{what}"}


def _held_by(command: "Command") -> Terms:
    """Free, or held by the command's saga."""
    return {
        "condition": "attribute_not_exists(pk) OR #holder = :holder",
        "names": {"#holder": "holder"},
        "values": {":holder": f"{command.saga_name}#{command.saga_id}"},
    }


def _map(values: Json, path: str) -> dict[str, Any]:
    return {name: _typed(value, f"{path}.{name}") for name, value in values.items()}


def _typed(value: Any, path: str) -> Any:
    # Texts and counts, most of what is written, need no boto3, whose import is a tenth of a cold start.
    if type(value) is str:
        return {"S": value}
    if type(value) is int and abs(value) < 10**MOST_DIGITS:
        return {"N": str(value)}
    try:
        return _serialize()(_decimal(value))
    except Exception as error:
        rule = f"DynamoDB holds text, bytes, lists, maps, sets and numbers of at most {MOST_DIGITS} digits"
        raise BadWrite(f"{path} is {value!r:.100} ({type(error).__name__}): {rule}") from error


@functools.cache
def _serialize() -> Callable[[Any], Any]:
    with loading("boto3"):
        from boto3.dynamodb.types import TypeSerializer  # noqa: PLC0415
    return TypeSerializer().serialize


def _decimal(value: Any) -> Any:
    """Floats by their shortest text: 0.1 stays 0.1."""
    match value:
        case float():
            return Decimal(repr(value))
        case dict():
            return {name: _decimal(item) for name, item in cast(dict[str, Any], value).items()}
        case list() | tuple():
            return [_decimal(item) for item in cast(list[Any], value)]
        case _:
            return value
