"""Reads JSON text from outside: one meaning or none."""

import json
from collections.abc import Sequence
from typing import Any

from saga_runtime.refusals import Refusal, for_logs, redacted, shown

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
            rule = "twice: which of them is meant?"
            raise ValueError(redacted(f"an object has the key {shown(name)} {rule}", f"an object has a key {rule}"))
        seen.add(name)
    return content


def not_json(what: str, error: ValueError, text: object) -> Refusal:
    """What an error says of text that :func:`read_json` has refused."""
    return redacted(f"{what} is not JSON ({error}): {shown(text)}", f"{what} is not JSON ({for_logs(error)})")
