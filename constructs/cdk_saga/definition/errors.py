"""The one error of a definition, and the checks that raise it."""

import re
from datetime import timedelta
from typing import Final

NAME_RULE: Final = "a letter, then letters, digits, '-' or '_'"
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


class DefinitionError(ValueError):
    """A saga, step or retry policy that cannot mean anything; the text shows the value, the rule and the cure."""


def checked_whole(value: object, what: str, *, least: int, most: int, unit: str = "whole number") -> int:
    """Return ``value`` when it is a whole number in a range.

    Args:
        value: what the author wrote.
        what: it is, as the error should say it, e.g. ``"saga 'trip': deadline"``.
        least: the smallest allowed.
        most: the largest allowed.
        unit: of it, e.g. ``"whole seconds"``.

    Raises:
        DefinitionError: another type, ``3600.0`` and ``True`` too, or out of range.
    """
    if type(value) is int and least <= value <= most:
        return value
    cure = f"; write int({value!r})" if isinstance(value, float) and value.is_integer() else ""
    if isinstance(value, timedelta):
        cure = "; write int(….total_seconds())"
    elif hasattr(value, "to_seconds"):
        cure = "; write int(….to_seconds()), as a definition knows nothing of CDK"
    raise DefinitionError(f"{what} is {value!r}: use {unit} from {least:,} to {most:,}{cure}")


def checked_flag(value: object, what: str) -> None:
    """Raise :class:`DefinitionError` for what is neither ``True`` nor ``False``."""
    if not isinstance(value, bool):
        raise DefinitionError(f"{what} is {value!r}: use True or False")


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
