"""Times for people and machines: seconds since the epoch as ISO 8601."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def iso(said: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping with its times, the only floats in it, as ISO 8601."""
    return {name: _text(value, "milliseconds") if isinstance(value, float) else value for name, value in said.items()}


def moment(seconds: float) -> str:
    """A time in a sentence, to the second."""
    return _text(seconds, "seconds")


def _text(seconds: float, precision: str) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec=precision).replace("+00:00", "Z")
    except (OverflowError, OSError, ValueError):  # outside of the years 1 to 9999
        return f"{seconds:g} seconds since 1970"
