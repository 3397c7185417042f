"""Update expressions, compiled to functions (Amazon DynamoDB, "Update expressions")."""

from collections.abc import Callable, Mapping
from functools import partial

from cdk_saga.testing.dynamodb.documents import ARITHMETIC, added, assign, calculated, drop, joined, there, without
from cdk_saga.testing.dynamodb.parsing import Parser
from cdk_saga.testing.dynamodb.paths import Path, Reader, find, reader
from cdk_saga.testing.dynamodb.values import Item, Value

Change = Callable[[Item, Item, Mapping[str, Value]], None]
"""Changes the second item as the first, which stays as it was, and the values say."""
Update = Callable[[Item, Mapping[str, Value]], Item]
"""Makes the new item of an old one."""


class UpdateParser(Parser):
    """Reads the clauses SET, REMOVE, ADD and DELETE, each at most once, in any order.

    Attributes:
        targets: what the expression changes.
    """

    targets: list[Path]

    def parse(self) -> Update:
        """Read the whole expression."""
        self.targets = []
        clauses = {"SET": self._set, "REMOVE": self._remove, "ADD": self._add, "DELETE": self._delete}
        changes: list[Change] = []
        while read := clauses.pop(self.keyword, None):
            self.take()
            changes.append(read())
            while self.accept(","):
                changes.append(read())
        self.finish()
        self._check_overlaps()
        return _all_of(changes)

    def _set(self) -> Change:
        path = self._target()
        self.expect("=")
        value = self._sum()

        def change(old: Item, new: Item, values: Mapping[str, Value]) -> None:
            assign(new, path, there(value(old, values)))

        return change

    def _sum(self) -> Reader:
        left = self._term()
        for sign, operation in (("+", ARITHMETIC.add), ("-", ARITHMETIC.subtract)):
            if self.accept(sign):
                return _of_two(partial(calculated, operation), left, self._term())
        return left

    def _term(self) -> Reader:
        if self.accept("("):
            value = self._sum()
            self.expect(")")
            return value
        if self.calls("if_not_exists"):
            found = reader(self.path())
            self.expect(",")
            otherwise = self._last(self._term())
            return lambda item, values: found(item, values) or otherwise(item, values)
        if self.calls("list_append"):
            first = self._term()
            self.expect(",")
            return _of_two(joined, first, self._last(self._term()))
        return self.operand()

    def _last(self, value: Reader) -> Reader:
        self.expect(")")
        return value

    def _remove(self) -> Change:
        path = self._target()
        return lambda _old, new, _values: drop(new, path)

    def _add(self) -> Change:
        path, name = self._target(), self.placeholder()

        def change(old: Item, new: Item, values: Mapping[str, Value]) -> None:
            assign(new, path, added(find(old, path), values[name]))

        return change

    def _delete(self) -> Change:
        path, name = self._target(), self.placeholder()

        def change(old: Item, new: Item, values: Mapping[str, Value]) -> None:
            left = without(find(old, path), values[name])
            if left is None:
                drop(new, path)
            else:
                assign(new, path, left)

        return change

    def _target(self) -> Path:
        path = self.path()
        self.targets.append(path)
        return path

    def _check_overlaps(self) -> None:
        for i, path in enumerate(self.targets):
            for other in self.targets[:i]:
                if path[: len(other)] == other or other[: len(path)] == path:
                    raise self.invalid("Two document paths overlap with each other; must remove or rewrite one of them")


def _all_of(changes: list[Change]) -> Update:
    def update(old: Item, values: Mapping[str, Value]) -> Item:
        new = dict(old)
        for change in changes:
            change(old, new, values)
        return new

    return update


def _of_two(operation: Callable[[Value | None, Value | None], Value], left: Reader, right: Reader) -> Reader:
    return lambda item, values: operation(left(item, values), right(item, values))
