"""DynamoDB's attribute values, in the low-level form of the API: ``{"S": "text"}``, ``{"N": "1"}`` and so on."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from cdk_saga.testing.dynamodb.errors import Invalid

Value = dict[str, Any]
Item = dict[str, Value]

MAX_DIGITS: Final = 38
LARGEST_ITEM: Final = 400 * 1024
"""Bytes of names and values (Amazon DynamoDB, "Service, account, and table quotas")."""
_ORDERED: Final = frozenset("SNB")
_SETS: Final = frozenset(("SS", "NS", "BS"))
_TYPES: Final = _ORDERED | _SETS | {"BOOL", "NULL", "M", "L"}


def stored(value: Value) -> Value:
    """A copy of ``value`` as DynamoDB keeps it: numbers in their shortest form.

    Raises:
        Invalid: no attribute value, a number that is none or has more than 38 digits, an empty set.
    """
    kind, content = kind_of(value)
    match kind:
        case "N":
            return {"N": shortest(content)}
        case "M":
            return {"M": {name: stored(item) for name, item in content.items()}}
        case "L":
            return {"L": [stored(item) for item in content]}
        case "NS" | "SS" | "BS":
            return {kind: _set(kind, content)}
        case _:
            return {kind: content}


def stored_item(item: Mapping[str, Value]) -> Item:
    """A copy of ``item`` as DynamoDB keeps it; see :func:`stored`."""
    return {
        name: {"S": value["S"]} if "S" in value and len(value) == 1 else stored(value) for name, value in item.items()
    }


def copied(item: Mapping[str, Value]) -> Item:
    """A copy that shares nothing one could change."""
    return {name: _copy(value) for name, value in item.items()}


def kind_of(value: Value) -> tuple[str, Any]:
    """The type and the content of an attribute value."""
    if len(value) == 1:
        ((kind, content),) = value.items()
        if kind in _TYPES:
            return kind, content
    raise Invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported")


def shortest(text: str) -> str:
    """The shortest text of a number, as DynamoDB returns it."""
    if (text.isdecimal() and text.isascii() and (text[0] != "0" or text == "0")) and len(text) <= MAX_DIGITS:
        return text
    number = decimal(text)
    if len(number.as_tuple().digits) > MAX_DIGITS and len(number.normalize().as_tuple().digits) > MAX_DIGITS:
        raise Invalid(f"Attempting to store more than {MAX_DIGITS} significant digits in a Number")
    return format(number.normalize(), "f") if number else "0"


def decimal(text: str) -> Decimal:
    """A number's text as a number."""
    try:
        number = Decimal(text)
    except (InvalidOperation, TypeError):
        number = Decimal("NaN")
    if number.is_finite():
        return number
    raise Invalid(f"The parameter cannot be converted to a numeric value: {text}")


def equal(left: Value | None, right: Value | None) -> bool:
    """Whether both are there, of one type, and the same; sets have no order."""
    if left is None or right is None or left.keys() != right.keys():
        return False
    if left == right:
        return True
    ((kind, content),) = left.items()
    if kind == "N":
        return decimal(content) == decimal(right["N"])
    return kind in _SETS and set(content) == set(right[kind])


def ordered(left: Value | None, right: Value | None) -> tuple[Any, Any] | None:
    """Both contents, ready for ``<``; ``None`` where DynamoDB knows no order, so that every comparison fails."""
    if left is None or right is None or left.keys() != right.keys():
        return None
    ((kind, content),) = left.items()
    if kind not in _ORDERED:
        return None
    if kind == "N":
        return decimal(content), decimal(right["N"])
    # DynamoDB orders text by its UTF-8 bytes.
    return (content.encode(), right["S"].encode()) if kind == "S" else (content, right["B"])


def size(item: Mapping[str, Value]) -> int:
    """About how many bytes DynamoDB counts for an item."""
    total = 0
    for name, value in item.items():
        text = value.get("S")
        total += _length(name) + (_size(value) if text is None or not text.isascii() else len(text))
    return total


def _length(text: str | bytes) -> int:
    """Bytes of UTF-8, as DynamoDB counts names and texts ("Item sizes and formats")."""
    return len(text) if isinstance(text, bytes) or text.isascii() else len(text.encode())


def _set(kind: str, content: list[Any]) -> list[Any]:
    if not content:
        raise Invalid("One or more parameter values were invalid: An string set  may not be empty")
    members = [shortest(member) for member in content] if kind == "NS" else list(content)
    if len(set(members)) != len(members):
        raise Invalid("One or more parameter values were invalid: Input collection contains duplicates.")
    return members


def _copy(value: Value) -> Value:
    ((kind, content),) = value.items()
    if kind == "S":
        return {"S": content}
    match kind:
        case "M":
            return {"M": copied(content)}
        case "L":
            return {"L": [_copy(item) for item in content]}
        case "NS" | "SS" | "BS":
            return {kind: list(content)}
        case _:
            return {kind: content}


def _size(value: Value) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "B":
            return len(content)
        case "N":
            return len(content) // 2 + 1
        case "M":
            return 3 + size(content) + len(content)
        case "L":
            return 3 + sum(1 + _size(item) for item in content)
        case "SS" | "NS" | "BS":
            return sum(_length(member) for member in content)
        case _:
            return 1
