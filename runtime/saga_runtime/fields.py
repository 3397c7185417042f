"""Fields of what comes from outside, checked one by one; each refusal names the field and what belongs there."""

import re
from typing import Any, Final, cast

from saga_runtime.errors import BadCommand
from saga_runtime.refusals import refusal

Json = dict[str, Any]
LATEST: Final = 253_402_300_799
"""The last second of the year 9999, in seconds since the epoch."""
WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")


def json_object(value: object, field: str) -> Json:
    """A JSON object."""
    if isinstance(value, dict):
        return cast(Json, value)
    raise BadCommand(refusal(field, value, "a JSON object belongs there"))


def flag(task: Json, name: str) -> bool:
    """True or false; false when it is not there."""
    value = task.get(name, False)
    if isinstance(value, bool):
        return value
    raise BadCommand(refusal(f"task.{name}", value, "true or false belongs there"))


def seconds(value: object, field: str, what: str = "whole seconds since the epoch") -> int:
    """Whole seconds: since the epoch, or how long."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise BadCommand(refusal(field, value, f"{what} belong there"))


def moment(value: object, field: str) -> int:
    """Seconds since the epoch, as far as a calendar goes."""
    whole = seconds(value, field)
    if 0 <= whole <= LATEST:
        return whole
    raise BadCommand(refusal(field, value, f"0 to {LATEST:,} seconds since the epoch belong there"))


def word(value: object, field: str) -> str:
    """1 to 128 letters, digits, ``-`` or ``_``."""
    if isinstance(value, str) and WORD.fullmatch(value):
        return value
    raise BadCommand(refusal(field, value, "1 to 128 letters, digits, '-' or '_' belong there"))


def words(value: object, field: str) -> tuple[str, ...]:
    """A list of them."""
    if isinstance(value, list):
        return tuple(word(one, field) for one in cast(list[object], value))
    raise BadCommand(refusal(field, value, "a list of steps belongs there"))
