"""JSON as sagas use it: what AWS can carry and DynamoDB can hold, and nothing else."""

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, Final, cast

from saga_runtime.refusals import field_of, printable, redacted, refusal

MAX_DIGITS: Final = 38
"""DynamoDB keeps 38 significant digits of a number."""
LARGEST_INTEGER: Final = 2**53 - 1
"""State machines pass a saga on through JSONata, whose numbers are JavaScript doubles (JSONata, "Numeric operators";
ECMAScript, ``Number.MAX_SAFE_INTEGER``): beyond this an integer may come out as another. EventBridge takes integers of
64 bits (``PutEvents``, API reference)."""
DEEPEST: Final = 64
"""Levels of nesting; EventBridge refuses 1,000, DynamoDB 32 in its own types (payloads are stored as text)."""
LARGEST: Final = 262_144
"""Bytes of JSON a command may have: the input and output limit of Step Functions, kept in both styles."""
TASK_BUDGET: Final = 8_192
"""Bytes of it that belong to the task spec of a command, as an input template of EventBridge has no more."""
FAILURE_BUDGET: Final = 32_768
"""Bytes of it that a saga may only use during compensation, so that there is always room for why it went wrong."""
MAX_FORWARD_SIZE: Final = LARGEST - TASK_BUDGET - FAILURE_BUDGET
"""Bytes of JSON that a saga's input and results may come to."""
MAX_REASON_LENGTH: Final = 2_000
"""Characters of an error's text that travel and are stored; in JSON one of them may take 6 bytes."""

Refuse = Callable[[str], Exception]
SMALLER: Final = "keep the data in S3 and pass a pointer"
"""The way out of every limit on size."""


_DOUBTFUL: Final = re.compile(r"[\ud800-\udfff]|\d{16}|\d\.0(?!\d)|\de\+")
"""In JSON text: perhaps half a character, perhaps a number too large, or one that comes back as an integer."""
_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def canonical(value: object) -> str:
    """The one JSON text of ``value``: sorted keys, no spaces."""
    return _ENCODER.encode(value)


def size_of(value: object) -> int:
    """Bytes of ``value`` as JSON in UTF-8, as AWS counts them."""
    return _bytes(canonical(value))


def fingerprint(value: object) -> str:
    """A short hash of a JSON value: the same before and after AWS has passed it on."""
    text = canonical(value)
    if _DOUBTFUL.search(text):
        text = canonical(settled(value))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]


def settled(value: Any) -> Any:
    """``value`` as it comes back from JavaScript: a float without a fraction is an integer there."""
    match value:
        case float():
            return int(value) if value.is_integer() else value
        case dict():
            return {name: settled(item) for name, item in cast(dict[str, Any], value).items()}
        case list():
            return [settled(item) for item in cast(list[Any], value)]
        case _:
            return value


def checked(value: Any, path: str, refuse: Refuse, *, depth: int = 0, largest: int | None = LARGEST) -> tuple[Any, int]:
    """Check that a JSON value from outside can travel and be stored.

    Args:
        value: the parsed JSON.
        path: its name in errors, e.g. ``"saga.input"``.
        refuse: makes the error from a text.
        depth: how deep it is nested itself.
        largest: bytes it may have; ``None`` when that is checked elsewhere.

    Returns:
        The value as it travels, see :func:`settled`, and its size in bytes.

    Raises:
        Exception: made by ``refuse``: NaN, an infinity, an integer that a double does not keep, a lone surrogate,
            nesting deeper than 64, or too many bytes.
    """
    try:
        text = canonical(value)
    except (ValueError, RecursionError):
        text = None  # the walk says what cannot be written
    if not (text and _is_plain(value, text, depth)):
        _look_closely(value, path, depth, refuse)
        value = settled(value)
        text = canonical(value)
    size = _bytes(text)
    if largest is not None and size > largest:
        raise refuse(f"{path} has {size:,} bytes, the limit is {largest:,}: {SMALLER}")
    return value, size


def _look_closely(value: object, path: str, depth: int, refuse: Refuse) -> None:
    for where, leaf, level in _walk(value, path, depth):
        if level > DEEPEST:
            rule = f"is nested deeper than {DEEPEST} levels: flatten it, or pass a pointer"
            raise refuse(redacted(f"{where:.200} {rule}", f"{field_of(where)} {rule}"))
        if problem := _problem(leaf):
            raise refuse(refusal(f"{where:.200}", leaf, problem))


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))


def _is_plain(value: object, text: str, depth: int) -> bool:
    """Whether a value needs no closer look: most do not, and their JSON ``text`` shows it at a glance."""
    if _DOUBTFUL.search(text):
        return False
    # No value is nested deeper than there are brackets.
    return text.count("{") + text.count("[") + depth <= DEEPEST or _is_shallow(value, depth)


def _is_shallow(value: object, depth: int) -> bool:
    match value:
        case dict():
            items = cast(dict[str, object], value).values()
        case list():
            items = cast(list[object], value)
        case _:
            return True
    return depth < DEEPEST and all(_is_shallow(item, depth + 1) for item in items)


def _walk(value: object, path: str, depth: int) -> Iterator[tuple[str, object, int]]:
    yield path, value, depth
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        for key, item in cast(dict[str, object], value).items():
            yield f"{path} key", key, depth
            yield from _walk(item, f"{path}.{printable(key)}", depth + 1)
    elif isinstance(value, list):
        for i, item in enumerate(cast(list[object], value)):
            yield from _walk(item, f"{path}[{i}]", depth + 1)


def _problem(leaf: object) -> str | None:
    match leaf:
        case float() if not math.isfinite(leaf):
            return "JSON has no such number; send text or null"
        case bool():
            return None
        case int() | float() if abs(leaf) > LARGEST_INTEGER:
            return f"numbers beyond {LARGEST_INTEGER:,} change on their way through AWS; send it as text"
        case str() if any("\ud800" <= c <= "\udfff" for c in leaf):
            return "half a character (a lone surrogate) cannot be stored; send valid Unicode"
        case _:
            return None


def short(text: str) -> str:
    """An error's text as it travels and is stored: valid Unicode, and not longer than there is room for."""
    return text.encode(errors="replace").decode()[:MAX_REASON_LENGTH]
