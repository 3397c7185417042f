"""Values as DynamoDB's own types, and whether two writes are of one item."""

import functools
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, cast

from saga_runtime.gc_pause import gc_paused
from saga_runtime.refusals import refusal
from saga_runtime.values import MAX_DIGITS

if TYPE_CHECKING:
    from saga_runtime.ledger.items import Entry

USUAL_KEYS: Final = ("pk", "sk")
"""What tables' keys are called where two puts are all that is known of a table."""


class BadWrite(ValueError):
    """A write that DynamoDB cannot hold; the text names the value and the limit."""


def typed_map(values: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Each value in DynamoDB's form; raises :class:`BadWrite` for one that it cannot hold."""
    return {name: typed(value, f"{path}.{name}") for name, value in values.items()}


def typed(value: Any, path: str) -> Any:
    """A value in DynamoDB's form."""
    # Texts and counts, most of what is written, need no boto3, whose import is a tenth of a cold start.
    if type(value) is str:
        return {"S": value}
    if type(value) is int and abs(value) < 10**MAX_DIGITS:
        return {"N": str(value)}
    try:
        return _serialize()(_decimal(value))
    except Exception as error:
        rule = f"DynamoDB holds text, bytes, lists, maps, sets and numbers of at most {MAX_DIGITS} digits"
        raise BadWrite(refusal(path, value, f"{rule} ({type(error).__name__})")) from error


def same_item(one: "Entry", other: "Entry") -> bool:
    """Whether two writes are of one item, as far as that can be told without the table's keys.

    A put does not say which of its attributes are the key: those of the other write, or the usual names.
    """
    (mine,), (theirs,) = one.values(), other.values()
    if mine["TableName"] != theirs["TableName"]:
        return False
    match mine, theirs:
        case {"Key": key}, {"Key": other_key}:
            return _alike(key, other_key)
        case ({"Item": item}, {"Key": key}) | ({"Key": key}, {"Item": item}):
            return _alike({name: item.get(name) for name in key}, key)
        case _:
            first, second = ({name: put["Item"].get(name) for name in USUAL_KEYS} for put in (mine, theirs))
            return first["pk"] is not None and _alike(first, second)


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return one.keys() == other.keys() and all(_number(one[name]) == _number(other[name]) for name in one)


def _number(value: Any) -> Any:
    """Numbers by their value, however they are written."""
    match value:
        case {"N": str(text)}:
            return Decimal(text)
        case _:
            return value


@functools.cache
def _serialize() -> Callable[[Any], Any]:
    with gc_paused("boto3"):
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
