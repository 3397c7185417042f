"""Tables: items by key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from cdk_saga.testing.dynamodb.errors import Invalid, NoTable
from cdk_saga.testing.dynamodb.values import Item, copied
from cdk_saga.testing.unsimulated import Unsimulated

Key = tuple[Any, ...]
_LONGEST: Final = (2048, 1024)
"""Bytes of a partition key and of a sort key."""


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        name: its name.
        keys: the name and type of the partition key and, if there is one, of the sort key.
        items: what it holds; items are never changed in place, each is replaced as a whole.
        indexes: the keys of each global secondary index, by its name; all attributes are projected, at once.
        base: of what an index shows: the keys of its table.
        groups: items by an attribute's value, see :meth:`having`; every change of ``items`` clears them.
    """

    name: str
    keys: tuple[tuple[str, str], ...]
    items: dict[Key, Item] = field(default_factory=dict[Key, Item])
    indexes: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict[str, tuple[tuple[str, str], ...]])

    base: tuple[tuple[str, str], ...] = ()
    groups: dict[str, dict[str, list[tuple[Key, Item]]]] = field(
        default_factory=dict[str, dict[str, list[tuple[Key, Item]]]], repr=False, compare=False
    )

    def having(self, attribute: str, among: Sequence[Any]) -> list[tuple[Key, Item]]:
        """The items whose ``attribute`` is one of these values, without a look at the others where nothing changed."""
        if attribute not in self.groups:
            groups = self.groups.setdefault(attribute, {})
            for key, item in self.items.items():
                if attribute in item:
                    groups.setdefault(str(item[attribute]), []).append((key, item))
        return [pair for value in among for pair in self.groups[attribute].get(str(value), ())]

    def through(self, index: str, among: Sequence[Any] | None = None) -> "Table":
        """The table as an index shows it: the items that have its attributes, in its order.

        Args:
            index: its name.
            among: the values of its partition key that matter; ``None`` for all.
        """
        if index not in self.indexes:
            raise Unsimulated(
                f"table {self.name!r} has no index {index!r} here: declare its keys, e.g. "
                f"Table(…, indexes={{{index!r}: ('flight',)}}) in saga_check"
            )
        keys = self.indexes[index]
        shown = self.items.items() if among is None else self.having(keys[0][0], among)
        items = {
            (*(_sortable(item[name]) for name, _ in keys), *key): item
            for key, item in shown
            if all(kind in item.get(name, ()) for name, kind in keys)
        }
        return Table(self.name, keys, items, base=self.keys)

    def order(self, key: Key) -> tuple[Any, ...]:
        """By what the item under ``key`` is sorted."""
        return tuple(_sortable(self.items[key][name]) for name, _ in (*self.keys, *self.base))

    def position(self, item: Item) -> Item:
        """Where a page that ended with ``item`` goes on: its keys, in an index those of the table too."""
        return copied({name: item[name] for name, _ in (*self.keys, *self.base)})

    def start(self, position: Item) -> Key:
        """The key of the item that was at a position."""
        if not self.base:
            return self.key_of(position)
        if any(name not in position for name, _ in (*self.keys, *self.base)):
            raise Invalid("The provided starting key is invalid")
        index = (_sortable(position[name]) for name, _ in self.keys)
        return (*index, *(position[name][kind] for name, kind in self.base))

    def key_in(self, item: Item) -> Key:
        """The key among an item's attributes."""
        return tuple([self._part(item, i) for i in range(len(self.keys))])

    def key_of(self, key: Item) -> Key:
        """The key that a request names; it has to be nothing but the key."""
        if len(key) != len(self.keys) or any(name not in key for name, _ in self.keys):
            raise Invalid("The provided key element does not match the schema")
        return self.key_in(key)

    def _part(self, item: Item, i: int) -> Any:
        name, kind = self.keys[i]
        if name not in item:
            raise Invalid(f"One or more parameter values were invalid: Missing the key {name} in the item")
        value = item[name].get(kind)
        if value is None:
            actual = next(iter(item[name]))
            problem = f"Type mismatch for key {name} expected: {kind} actual: {actual}"
            raise Invalid(f"One or more parameter values were invalid: {problem}")
        if not value:
            problem = "The AttributeValue for a key attribute cannot contain an empty string value."
            raise Invalid(f"One or more parameter values are not valid. {problem} Key: {name}")
        if len(value) > _LONGEST[i] // 4 and len(value.encode() if kind == "S" else value) > _LONGEST[i]:
            what = ("hashkey", "aggregated size of all range keys")[i]
            raise Invalid(
                f"One or more parameter values were invalid: Size of {what} has exceeded the maximum size limit "
                f"of {_LONGEST[i]} bytes"
            )
        return value


def _sortable(value: Mapping[str, Any]) -> Any:
    return Decimal(value["N"]) if "N" in value else next(iter(value.values()))


class Tables(dict[str, Table]):
    """Tables by name."""

    def named(self, name: str) -> Table:
        """The table ``name``; raises :class:`NoTable` if there is none, :class:`Unsimulated` for an ARN."""
        if name.startswith("arn:"):
            raise Unsimulated(f"a table named by its ARN ({name!r}) is not simulated: name it by its name")
        try:
            return self[name]
        except KeyError:
            raise NoTable("Requested resource not found") from None
