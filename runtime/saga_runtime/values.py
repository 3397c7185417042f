"""JSON as sagas use it: what AWS can carry and DynamoDB can hold, and nothing else."""

import hashlib
import json
import math
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, cast

MOST_DIGITS: Final = 38
"""DynamoDB keeps 38 significant digits of a number."""
DEEPEST: Final = 64
"""Levels of nesting; EventBridge refuses 1,000, DynamoDB 32 in its own types (payloads are stored as text)."""
LARGEST: Final = 262_144
"""Bytes of JSON a saga may carry: the input and output limit of Step Functions, kept in both styles."""

SHOWN: Final = 60
"""Characters of a refused value that an error shows."""

Refuse = Callable[[str], Exception]


def canonical(value: object) -> str:
    """The one JSON text of ``value``: sorted keys, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def fingerprint(value: object) -> str:
    """A short hash of a JSON value: equal values, equal fingerprints."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:32]


def checked(value: object, path: str, refuse: Refuse) -> None:
    """Check that a JSON value from outside can travel and be stored.

    Args:
        value: the parsed JSON.
        path: its name in errors, e.g. ``"saga.input"``.
        refuse: makes the error from a text.

    Raises:
        Exception: made by ``refuse``: NaN, an infinity, a number of more than 38 digits, a lone surrogate, nesting
            deeper than 64, or more than 262,144 bytes.
    """
    for where, leaf, depth in _walk(value, path, 0):
        if depth > DEEPEST:
            raise refuse(f"{where[:200]} is nested deeper than {DEEPEST} levels: flatten it, or pass a pointer")
        if problem := _problem(leaf):
            raise refuse(f"{where} is {_shown(leaf)}: {problem}")
    if (size := len(canonical(value).encode())) > LARGEST:
        raise refuse(f"{path} has {size:,} bytes, the limit is {LARGEST:,}: keep the data in S3 and pass a pointer")


def plain(value: object, path: str, refuse: Refuse) -> Any:
    """What a handler returned, as plain JSON.

    Decimals become numbers, datetimes with a time zone become ISO 8601 text; whatever cannot be said in JSON without
    loss is refused by name.
    """
    match value:
        case None | bool() | str() | int() | float():
            return value
        case Decimal():
            return _number(value, path, refuse)
        case datetime() if value.tzinfo is not None:
            return value.isoformat()
        case datetime():
            raise refuse(f"{path} is {value!r}, a datetime without a time zone: add one, or return text")
        case dict():
            pairs = cast(dict[object, object], value).items()
            return {_key(key, path, refuse): plain(item, f"{path}.{key}", refuse) for key, item in pairs}
        case list() | tuple():
            items = cast(list[object], value)
            return [plain(item, f"{path}[{i}]", refuse) for i, item in enumerate(items)]
        case _:
            raise refuse(
                f"{path} is a {type(value).__name__} ({value!r:.80}), which JSON cannot say: return text or a dict"
            )


def _number(value: Decimal, path: str, refuse: Refuse) -> int | float:
    if value.is_finite():
        if value == value.to_integral_value():
            return int(value)
        if Decimal(repr(float(value))) == value:
            return float(value)
    raise refuse(f"{path} is {value!r}, which a JSON number does not keep exactly: return it as text")


def _key(key: object, path: str, refuse: Refuse) -> str:
    if isinstance(key, str):
        return key
    raise refuse(f"{path} has the key {key!r}: JSON keys are text")


def _walk(value: object, path: str, depth: int) -> Iterator[tuple[str, object, int]]:
    yield path, value, depth
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        for key, item in cast(dict[str, object], value).items():
            yield f"{path} key", key, depth
            yield from _walk(item, f"{path}.{key}", depth + 1)
    elif isinstance(value, list):
        for i, item in enumerate(cast(list[object], value)):
            yield from _walk(item, f"{path}[{i}]", depth + 1)


def _problem(leaf: object) -> str | None:
    match leaf:
        case float() if not math.isfinite(leaf):
            return "JSON has no such number; send text or null"
        case bool():
            return None
        case int() if abs(leaf) >= 10**MOST_DIGITS:
            return f"numbers have at most {MOST_DIGITS} digits here, the limit of DynamoDB; send it as text"
        case str() if any("\ud800" <= c <= "\udfff" for c in leaf):
            return "half a character (a lone surrogate) cannot be stored; send valid Unicode"
        case _:
            return None


def _shown(leaf: object) -> str:
    return f"{leaf!a:.{SHOWN}}"
