"""Projection expressions: the part of an item that a read returns (Amazon DynamoDB, "Projection expressions")."""

from collections.abc import Callable
from typing import Any

from cdk_saga.testing.dynamodb.parsing import Parser
from cdk_saga.testing.dynamodb.paths import Path, find
from cdk_saga.testing.dynamodb.values import Item, copied
from cdk_saga.testing.unsimulated import Unsimulated

Project = Callable[[Item], Item]
"""Makes a copy of an item, or of a part of it."""


class ProjectionParser(Parser):
    """Reads paths with commas between."""

    def parse(self) -> list[Path]:
        """Read the whole expression."""
        paths = [self.path()]
        while self.accept(","):
            paths.append(self.path())
        self.finish()
        return paths


def compile_projection(text: str | None, names: tuple[tuple[str, str], ...]) -> tuple[Project, set[str]]:
    """Compile a projection, none for the whole item; also returns the placeholders that it uses."""
    if text is None:
        return copied, set()
    parser = ProjectionParser("ProjectionExpression", text, dict(names), ())
    paths = parser.parse()
    if any(isinstance(part, int) for path in paths for part in path):
        raise Unsimulated(f"a projection of list elements ({text!r}) is not simulated: project the list")

    def project(item: Item) -> Item:
        part: Item = {}
        for path in paths:
            if (value := find(item, path)) is not None:
                _put(part, path, value)
        return copied(part)

    return project, parser.used


def _put(part: Item, path: Path, value: Any) -> None:
    for name in path[:-1]:
        part = part.setdefault(str(name), {"M": {}})["M"]
    part[str(path[-1])] = value
