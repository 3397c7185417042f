"""Which functions of some files have been called."""

import ast
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any

Place = tuple[str, int]


class Calls:
    """Told of files, and of what runs; knows what of those files has not run."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._left: dict[Place, str] = {}

    def expect(self, file: str, text: str) -> None:
        """Every function in ``text`` has to be called, and the file itself to be run."""
        self._files.add(file)
        if file.endswith(".py"):
            self._left[file, 1] = file.rpartition("/")[2]
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not _left_out(node):
                first = min(part.lineno for part in (node, *node.decorator_list))
                self._left[file, first] = node.name

    @contextmanager
    def noted(self) -> Generator[None]:
        """While this lasts, calls in any thread are noted."""
        threading.setprofile(self._note)
        sys.setprofile(self._note)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def missing(self) -> list[str]:
        """The names of what has not been called."""
        return list(self._left.values())

    def _note(self, frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call" and frame.f_code.co_filename in self._files:
            self._left.pop((frame.f_code.co_filename, max(1, frame.f_code.co_firstlineno)), None)
        if not self._left:
            sys.setprofile(None)  # at full speed, once there is nothing left to learn


def _left_out(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether it is not there to be called: ``raise NotImplementedError``."""
    return ast.unparse(node.body[-1]) == "raise NotImplementedError"
