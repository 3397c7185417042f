"""Reading a saga's input: what cannot be booked is rejected at once, with what stands there and what belongs there."""

from typing import Any, cast

from saga_runtime import Command, Rejected

Json = dict[str, Any]


def wanted(command: Command, field: str) -> Json:
    """The object ``input.<field>``; raises :class:`Rejected` when it is none."""
    return _object(command.input.get(field), field)


def several(command: Command, field: str, *, most: int) -> dict[str, Json]:
    """The 1 to ``most`` objects in the list ``input.<field>``, by their places; raises :class:`Rejected` otherwise."""
    value = command.input.get(field)
    if isinstance(value, list) and 1 <= len(items := cast(list[object], value)) <= most:
        names = (f"{field}[{i}]" for i in range(len(items)))
        return {name: _object(item, name) for name, item in zip(names, items, strict=True)}
    raise Rejected(f"input.{field} is {value!r:.60}: a list of 1 to {most} objects belongs there")


def text(value: object, field: str, *, longest: int = 64) -> str:
    """``value``, when it is text of 1 to ``longest`` characters; raises :class:`Rejected` otherwise."""
    if isinstance(value, str) and 1 <= len(value) <= longest:
        return value
    raise Rejected(f"input.{field} is {value!r:.60}: text of 1 to {longest} characters belongs there")


def count(value: object, field: str, *, most: int = 999) -> int:
    """``value``, when it is a whole number from 1 to ``most``; raises :class:`Rejected` otherwise."""
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most:
        return value
    raise Rejected(f"input.{field} is {value!r:.60}: a whole number from 1 to {most:,} belongs there")


def _object(value: object, field: str) -> Json:
    if isinstance(value, dict):
        return cast(Json, value)
    raise Rejected(f"input.{field} is {value!r:.60}: an object belongs there")
