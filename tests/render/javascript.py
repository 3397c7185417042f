"""JSONata's JavaScript implementation, which defines the language, on this repository's Node."""

import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

PROGRAM: Final = Path(__file__).with_name("evaluate.mjs")
NODE: Final = Path(sys.executable).with_name("node")
NO_VALUE: Final = object()
"""What an expression gives that has no value or fails: Step Functions takes both for an error."""


class JavaScript:
    """A running Node that evaluates expressions."""

    def __init__(self, node: subprocess.Popen[str]) -> None:
        self._node = node

    def value(self, expression: str, states: dict[str, Any]) -> Any:
        """The value of an expression, `NO_VALUE` if there is none."""
        assert self._node.stdin
        assert self._node.stdout
        self._node.stdin.write(f"{json.dumps([expression, states])}\n")
        self._node.stdin.flush()
        answer = json.loads(self._node.stdout.readline())
        return answer.get("value", NO_VALUE)


@contextmanager
def javascript() -> Generator[JavaScript]:
    """Start Node, and end it afterwards."""
    with subprocess.Popen([NODE, PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as node:
        yield JavaScript(node)
