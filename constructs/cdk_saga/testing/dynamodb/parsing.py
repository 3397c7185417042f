"""What DynamoDB's expressions have in common: tokens, paths into documents, and placeholders for names and values."""

import re
from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from cdk_saga.testing.dynamodb.errors import Invalid
from cdk_saga.testing.dynamodb.paths import Path, Reader, reader

_TOKEN: Final = re.compile(r"\s*(?:(<>|<=|>=|[=<>()\[\],.+-])|([#:]?[A-Za-z0-9_]+)|(\S))")
_BARE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_END: Final = "<EOF>"


@cache
def reserved() -> frozenset[str]:
    """The words that an expression may only use through a placeholder (AWS: "Reserved words in DynamoDB")."""
    return frozenset(files("cdk_saga.testing.dynamodb").joinpath("reserved.txt").read_text("utf-8").split())


class Parser:
    """Reads one expression from left to right.

    Args:
        kind: what the expression is to DynamoDB, e.g. ``ConditionExpression``.
        text: the expression.
        names: the request's ``ExpressionAttributeNames``.
        values: the names of its ``ExpressionAttributeValues``.

    Attributes:
        used: the placeholders that the expression uses.
        paths: the paths it names.
    """

    def __init__(self, kind: str, text: str, names: Mapping[str, str], values: Collection[str]) -> None:
        self.kind = kind
        self.used: set[str] = set()
        self.paths: list[Path] = []
        self._names = names
        self._values = values
        self._tokens = ["".join(match.groups("")) for match in _TOKEN.finditer(text)]
        self._at = 0
        if not self._tokens:
            raise Invalid(f"Invalid {kind}: The expression can not be empty;")

    @property
    def token(self) -> str:
        """The token that comes next."""
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    @property
    def keyword(self) -> str:
        """The token that comes next, in capitals: keywords may be written either way."""
        return self.token.upper()

    def take(self) -> str:
        """Go past a token."""
        token = self.token
        self._at += 1
        return token

    def accept(self, token: str) -> bool:
        """Go past ``token`` if it comes next."""
        if self.keyword != token:
            return False
        self._at += 1
        return True

    def expect(self, token: str) -> None:
        """Go past ``token``, which must come next."""
        if not self.accept(token):
            raise self.unexpected()

    def finish(self) -> None:
        """Check that nothing is left."""
        if self._at < len(self._tokens):
            raise self.unexpected()

    def calls(self, function: str) -> bool:
        """Go past ``function(`` if it comes next; functions are written in small letters."""
        if self.token != function or self._tokens[self._at + 1 : self._at + 2] != ["("]:
            return False
        self._at += 2
        return True

    def path(self) -> Path:
        """Read a document path."""
        parts: list[str | int] = [self._name()]
        while self.token in (".", "["):
            if self.take() == ".":
                parts.append(self._name())
            else:
                parts.append(self._index())
        self.paths.append(tuple(parts))
        return self.paths[-1]

    def operand(self) -> Reader:
        """Read a value's placeholder or a path."""
        if not self.token.startswith(":"):
            return reader(self.path())
        name = self.placeholder()
        return lambda _item, values: values[name]

    def placeholder(self) -> str:
        """Read a value's placeholder."""
        name = self.take()
        if not name.startswith(":"):
            self._at -= 1
            raise self.unexpected()
        if name not in self._values:
            raise self.invalid(
                f"An expression attribute value used in expression is not defined; attribute value: {name}"
            )
        self.used.add(name)
        return name

    def unexpected(self) -> Invalid:
        """The error for a token in the wrong place."""
        near = " ".join(self._tokens[max(0, self._at - 1) : self._at + 2])
        return self.invalid(f'Syntax error; token: "{self.token}", near: "{near}"')

    def invalid(self, problem: str) -> Invalid:
        """The error for this expression."""
        return Invalid(f"Invalid {self.kind}: {problem}")

    def _name(self) -> str:
        name = self.take()
        if name.startswith("#"):
            if name not in self._names:
                problem = "An expression attribute name used in the document path is not defined; attribute name: "
                raise self.invalid(problem + name)
            self.used.add(name)
            return self._names[name]
        if not _BARE.fullmatch(name):
            self._at -= 1
            raise self.unexpected()
        if name.upper() in reserved():
            raise self.invalid(f"Attribute name is a reserved keyword; reserved keyword: {name}")
        return name

    def _index(self) -> int:
        index = self.take()
        if not index.isdecimal():
            self._at -= 1
            raise self.unexpected()
        self.expect("]")
        return int(index)
