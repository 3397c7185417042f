"""Reads JSON text from outside: one meaning or none."""

import json
from collections.abc import Sequence
from typing import Any

from saga_runtime.values import shown

Json = dict[str, Any]


def read_json(text: str) -> Any:
    """Read JSON text.

    Raises:
        ValueError: it is no JSON, is nested too deeply to read, has a number that Python refuses, or has a key twice.
    """
    try:
        return json.loads(text, object_pairs_hook=members_once)
    except RecursionError as error:
        raise ValueError(str(error)) from error


def members_once(pairs: Sequence[tuple[str, Any]]) -> Json:
    """The members of one JSON object; raises ``ValueError`` for a key that is there twice."""
    content = dict(pairs)
    if len(content) == len(pairs):
        return content
    seen = set[str]()
    for name, _ in pairs:
        if name in seen:
            raise ValueError(f"an object has the key {shown(name)} twice: which of them is meant?")
        seen.add(name)
    return content
