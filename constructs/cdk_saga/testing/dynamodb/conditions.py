"""Condition expressions, compiled to functions (Amazon DynamoDB, "Condition and filter expressions")."""

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from cdk_saga.testing.dynamodb.functions import OF_TWO, size
from cdk_saga.testing.dynamodb.parsing import Parser
from cdk_saga.testing.dynamodb.paths import Reader, reader
from cdk_saga.testing.dynamodb.values import Item, Value, equal, ordered

Test = Callable[[Item, Mapping[str, Value]], bool]
"""Whether an item, empty when there is none, meets a condition."""

_ORDER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class ConditionParser(Parser):
    """Recursive descent, one method for each level of precedence: OR, AND, NOT, then one test."""

    def parse(self) -> Test:
        """Read the whole expression."""
        test = self._alternatives()
        self.finish()
        return test

    def _alternatives(self) -> Test:
        test = self._conjunction()
        while self.accept("OR"):
            test = _either(test, self._conjunction())
        return test

    def _conjunction(self) -> Test:
        test = self._negation()
        while self.accept("AND"):
            test = _both(test, self._negation())
        return test

    def _negation(self) -> Test:
        if not self.accept("NOT"):
            return self._one()
        test = self._negation()
        return lambda item, values: not test(item, values)

    def _one(self) -> Test:
        if self.accept("("):
            test = self._alternatives()
            self.expect(")")
            return test
        return self._function() or self._comparison()

    def _function(self) -> Test | None:
        if self.calls("attribute_exists"):
            found = self._argument()
            return lambda item, values: found(item, values) is not None
        if self.calls("attribute_not_exists"):
            found = self._argument()
            return lambda item, values: found(item, values) is None
        for name, test in OF_TWO.items():
            if self.calls(name):
                found = reader(self.path())
                self.expect(",")
                return _binary(test, found, self._last(self.operand()))
        return None

    def _argument(self) -> Reader:
        return self._last(reader(self.path()))

    def _last(self, found: Reader) -> Reader:
        self.expect(")")
        return found

    def _comparison(self) -> Test:
        left = self._operand()
        match self.keyword:
            case "BETWEEN":
                return self._between(left)
            case "IN":
                return self._in(left)
            case "=":
                self.take()
                return _binary(equal, left, self._operand())
            case "<>":
                self.take()
                right = self._operand()
                return lambda item, values: not equal(left(item, values), right(item, values))
            case token if token in _ORDER:
                self.take()
                return _compared(_ORDER[token], left, self._operand())
            case _:
                raise self.unexpected()

    def _between(self, middle: Reader) -> Test:
        self.take()
        low = self._operand()
        self.expect("AND")
        return _both(_compared(operator.ge, middle, low), _compared(operator.le, middle, self._operand()))

    def _in(self, left: Reader) -> Test:
        self.take()
        self.expect("(")
        options = [self._operand()]
        while self.accept(","):
            options.append(self._operand())
        self.expect(")")
        return lambda item, values: any(equal(left(item, values), option(item, values)) for option in options)

    def _operand(self) -> Reader:
        if not self.calls("size"):
            return self.operand()
        found = self._argument()
        return lambda item, values: size(found(item, values))


def _either(left: Test, right: Test) -> Test:
    return lambda item, values: left(item, values) or right(item, values)


def _both(left: Test, right: Test) -> Test:
    return lambda item, values: left(item, values) and right(item, values)


def _binary(test: Callable[[Value | None, Value | None], bool], left: Reader, right: Reader) -> Test:
    return lambda item, values: test(left(item, values), right(item, values))


def _compared(compare: Callable[[Any, Any], bool], left: Reader, right: Reader) -> Test:
    def test(item: Item, values: Mapping[str, Value]) -> bool:
        pair = ordered(left(item, values), right(item, values))
        return pair is not None and compare(*pair)

    return test
