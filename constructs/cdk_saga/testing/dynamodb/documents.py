"""Changing documents in place, and what the operators of update expressions do with their operands."""

from collections.abc import Callable
from decimal import Context, Decimal
from typing import Any, Final, cast

from cdk_saga.testing.dynamodb.errors import Invalid
from cdk_saga.testing.dynamodb.paths import Path
from cdk_saga.testing.dynamodb.values import MAX_DIGITS, Item, Value, decimal, shortest

ARITHMETIC: Final = Context(prec=MAX_DIGITS)
_NO_SUCH_ATTRIBUTE: Final = "The provided expression refers to an attribute that does not exist in the item"
_WRONG_TYPE: Final = "An operand in the update expression has an incorrect data type"
_WRONG_PATH: Final = "The document path provided in the update expression is invalid for update"
_SETS: Final = ("SS", "NS", "BS")


def there(value: Value | None) -> Value:
    """An operand that has to exist."""
    if value is None:
        raise Invalid(_NO_SUCH_ATTRIBUTE)
    return value


def calculated(operation: Callable[[Decimal, Decimal], Decimal], left: Value | None, right: Value | None) -> Value:
    """The result of ``+`` or ``-``."""
    left, right = there(left), there(right)
    if "N" not in left or "N" not in right:
        raise Invalid(_WRONG_TYPE)
    return {"N": shortest(str(operation(decimal(left["N"]), decimal(right["N"]))))}


def joined(first: Value | None, second: Value | None) -> Value:
    """The result of ``list_append``."""
    first, second = there(first), there(second)
    if "L" not in first or "L" not in second:
        raise Invalid(_WRONG_TYPE)
    return {"L": [*first["L"], *second["L"]]}


def added(old: Value | None, more: Value) -> Value:
    """The result of ``ADD``."""
    ((kind, content),) = more.items()
    if kind not in ("N", *_SETS) or (old is not None and kind not in old):
        raise Invalid(_WRONG_TYPE)
    if old is None:
        return more
    if kind == "N":
        return calculated(ARITHMETIC.add, old, more)
    return {kind: [*old[kind], *(member for member in content if member not in old[kind])]}


def without(old: Value | None, less: Value) -> Value | None:
    """The result of ``DELETE``; ``None`` for an empty set, which cannot be stored."""
    ((kind, content),) = less.items()
    if kind not in _SETS or (old is not None and kind not in old):
        raise Invalid(_WRONG_TYPE)
    left = [member for member in (old or {kind: []})[kind] if member not in content]
    return {kind: left} if left else None


def assign(item: Item, path: Path, value: Value) -> None:
    """Set the value at ``path``."""
    holder, last = _holder(item, path)
    if isinstance(holder, dict) and isinstance(last, str):
        holder[last] = value
    elif isinstance(holder, list) and isinstance(last, int):
        holder[last : last + 1] = [value]
    else:
        raise Invalid(_WRONG_PATH)


def drop(item: Item, path: Path) -> None:
    """Remove the value at ``path``."""
    holder, last = _holder(item, path)
    if isinstance(last, str) and isinstance(holder, dict):
        cast(Item, holder).pop(last, None)
    elif isinstance(holder, list) and isinstance(last, int):
        del holder[last : last + 1]
    else:
        raise Invalid(_WRONG_PATH)


def _holder(item: Item, path: Path) -> tuple[Any, str | int]:
    """The map or list that holds the value at ``path``; those on the way are copied: the old item has them too."""
    holder: Any = item
    for part in path[:-1]:
        try:
            ((kind, content),) = holder[part].items()
        except (KeyError, IndexError, TypeError):
            raise Invalid(_WRONG_PATH) from None
        if kind not in ("M", "L"):
            raise Invalid(_WRONG_PATH)
        holder[part] = {kind: content.copy()}
        holder = holder[part][kind]
    return holder, path[-1]
