"""Paths into documents, and the values found there."""

from collections.abc import Callable, Mapping

from cdk_saga.testing.dynamodb.values import Item, Value

Path = tuple[str | int, ...]
"""The way to a value: an attribute's name, then keys of maps and indexes of lists."""
Reader = Callable[[Item, Mapping[str, Value]], Value | None]
"""Finds an operand in an item and the request's values."""


def reader(path: Path) -> Reader:
    """Reads the value at ``path``."""
    if len(path) == 1:
        name = str(path[0])
        return lambda item, _values: item.get(name)
    return lambda item, _values: find(item, path)


def find(item: Item, path: Path) -> Value | None:
    """The value at ``path``; ``None`` when there is none."""
    value: Value | None = item.get(str(path[0]))
    for part in path[1:]:
        if value is None:
            return None
        if isinstance(part, int):
            members = value.get("L", ())
            value = members[part] if part < len(members) else None
        else:
            value = value.get("M", {}).get(part)
    return value
