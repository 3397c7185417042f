"""A request's expressions, compiled once for each wording."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from cdk_saga.testing.dynamodb.conditions import ConditionParser, Test
from cdk_saga.testing.dynamodb.errors import Invalid
from cdk_saga.testing.dynamodb.updates import Update, UpdateParser


@dataclass(frozen=True)
class Compiled:
    """The expressions of a request.

    Attributes:
        test: the condition, if there is one.
        update: the update, if there is one.
        changed: the attributes that the update changes, wholly or in part.
    """

    test: Test | None
    update: Update | None
    changed: frozenset[str | int]


@lru_cache(maxsize=4096)
def compile_expressions(
    condition: str | None,
    update: str | None,
    names: tuple[tuple[str, str], ...] | None,
    values: tuple[str, ...] | None,
) -> Compiled:
    """Compile the expressions of a request and check its placeholders.

    Raises:
        Invalid: a syntax error, or a placeholder that is not defined or not used.
    """
    for what, given in (("Names", names), ("Values", values)):
        if given is not None and not given:
            raise Invalid(f"ExpressionAttribute{what} must not be empty")
        if given and condition is None and update is None:
            raise Invalid(f"ExpressionAttribute{what} can only be specified when using expressions")
    known, used = dict(names or ()), set[str]()
    test = change = None
    changed: frozenset[str | int] = frozenset()
    if update is not None:
        updating = UpdateParser("UpdateExpression", update, known, values or ())
        change = updating.parse()
        changed = frozenset(path[0] for path in updating.targets)
        used |= updating.used
    if condition is not None:
        parser = ConditionParser("ConditionExpression", condition, known, values or ())
        test = parser.parse()
        used |= parser.used
    check_used("Names", known, used)
    check_used("Values", values or (), used)
    return Compiled(test, change, changed)


def check_used(what: str, given: Mapping[str, str] | tuple[str, ...], used: set[str]) -> None:
    """Refuse placeholders that no expression uses, as DynamoDB does."""
    if unused := [name for name in given if name not in used]:
        raise Invalid(
            f"Value provided in ExpressionAttribute{what} unused in expressions: keys: {{{', '.join(sorted(unused))}}}"
        )
