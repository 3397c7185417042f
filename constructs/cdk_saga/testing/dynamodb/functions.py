"""The functions of condition expressions; no value, no match."""

from typing import Final

from cdk_saga.testing.dynamodb.values import Value, equal, kind_of


def begins_with(value: Value | None, prefix: Value | None) -> bool:
    """Whether a text begins with another."""
    if not value or not prefix or value.keys() != prefix.keys():
        return False
    kind, content = kind_of(value)
    return kind in ("S", "B") and content.startswith(prefix[kind])


def contains(value: Value | None, wanted: Value | None) -> bool:
    """Whether a text has a part, a set or a list a member."""
    if not value or not wanted:
        return False
    kind, content = kind_of(value)
    wanted_kind, wanted_content = kind_of(wanted)
    if kind == "L":
        return any(equal(member, wanted) for member in content)
    if kind in ("SS", "NS", "BS"):
        return any(equal({kind[0]: member}, wanted) for member in content)
    return kind in ("S", "B") and kind == wanted_kind and wanted_content in content


def is_of_type(value: Value | None, kind: Value | None) -> bool:
    """Whether a value has a type."""
    return value is not None and kind is not None and kind.get("S") in value


def size(value: Value | None) -> Value | None:
    """How long a text is, or how many members a collection has."""
    if value is None:
        return None
    kind, content = kind_of(value)
    if kind in ("N", "BOOL", "NULL"):
        return None
    return {"N": str(len(content.encode() if kind == "S" else content))}


OF_TWO: Final = {"begins_with": begins_with, "contains": contains, "attribute_type": is_of_type}
"""The functions that test a path against an operand."""
