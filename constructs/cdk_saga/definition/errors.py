"""The one error of a definition, and the checks that raise it."""

import re
from typing import Final

NAME_RULE: Final = "a letter, then letters, digits, '-' or '_'"
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


class DefinitionError(ValueError):
    """A saga, step or retry policy that cannot mean anything; the text shows the value, the rule and the cure."""


def checked_name(value: object, what: str, *, longest: int) -> str:
    """Return ``value`` when it is a usable name.

    Args:
        value: what the author wrote.
        what: what it names, as the error should say it, e.g. ``"saga 'trip': step"``.
        longest: the largest number of characters.

    Raises:
        DefinitionError: not a string, empty, too long, or with other characters.
    """
    if not isinstance(value, str) or not value:
        raise DefinitionError(f"{what} has no name: got {value!r}; give it one ({NAME_RULE})")
    if not _NAME.fullmatch(value):
        raise DefinitionError(f"{what} name {value!r} has characters AWS refuses somewhere: use {NAME_RULE}")
    if len(value) > longest:
        raise DefinitionError(f"{what} name {value!r} has {len(value)} characters, the limit is {longest}: shorten it")
    return value
