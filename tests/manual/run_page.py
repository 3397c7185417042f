"""Run a page as its reader would: ``python run_page.py PAGE``, in an empty folder.

A block with a title is that file. Any other Python block runs, with the names of those above it. Of a ``console`` block
whatever needs no AWS runs. What is printed is what the next ``text`` or ``json`` block shows. At the end every file has
been imported and every function called: by the page, or by its companion, of the page's name in ``companions``.
"""

import contextlib
import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from manual.calls import Calls
from manual.pages import ROOT, Block, blocks
from manual.typed import Where, where

COMPANIONS = Path(__file__).parent / "companions"


class Reader:
    """Somebody who does all that a page says."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "__page__"}
        self.printed = ""
        self.calls = Calls()
        self.elsewhere = False  # whether the local AWS prints what comes next, see tests/e2e/test_pages.py

    def do(self, block: Block) -> None:
        """Do what one block says; raises :class:`AssertionError` where the page is wrong."""
        if block.title:
            file = Path(block.title)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text)
            if file.suffix == ".py":
                self.calls.expect(str(file.absolute()), block.text)
        elif block.language == "python":
            self._run(block)
        elif block.language in ("text", "json"):
            if not self.elsewhere:
                self._compare(block)
            self.elsewhere = False
        elif block.language == "console":
            self._ask(block)
        else:
            raise AssertionError(f"{block}: nobody knows how to check {block.language!r}; give it a file's title")

    def finish(self, page: Path) -> None:
        """See to it that nothing was shown that has not run."""
        companion = COMPANIONS / f"{page.stem}.py"
        if companion.exists():
            self._print(lambda: exec(compile(companion.read_text(), str(companion), "exec"), {}))  # noqa: S102 # ours
        assert not self.calls.missing(), f"{page.name}: shown, and called by nobody: {', '.join(self.calls.missing())}"

    def _run(self, block: Block) -> None:
        text = "\n" * (block.line - 1) + block.text
        self.calls.expect(str(block.page), text)
        self._print(lambda: exec(compile(text, str(block.page), "exec"), self.names))  # noqa: S102 # our own pages

    def _ask(self, block: Block) -> None:
        found = [(where(line), line) for line in block.text.splitlines() if line.strip()]
        self.elsewhere = any(place == Where.LOCAL for place, _ in found)
        self.printed = "".join([self._answer(block, line) for place, line in found if place == Where.PAGE])

    def _answer(self, block: Block, line: str) -> str:
        program, *words = shlex.split(line, comments=True)
        if program == "pytest":  # in this process, so that its calls count
            import pytest  # noqa: PLC0415 # a reader without the extra has none

            self._print(lambda: self._passes(block, line, pytest.main(["-p", "no:cacheprovider", "-q", *words])))
            return ""
        asked = [sys.executable, "-m", "saga_cli", *words]
        around = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
        done = subprocess.run(asked, env=around, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{block}: {line}: {done.stderr}"
        return done.stdout

    def _passes(self, block: Block, line: str, status: int) -> None:
        assert status == 0, f"{block}: {line}: {self.printed}"

    def _print(self, run: Callable[[], None]) -> None:
        with self.calls.noted(), contextlib.redirect_stdout(io.StringIO()) as printed:
            run()
        self.printed = printed.getvalue()

    def _compare(self, block: Block) -> None:
        printed, self.printed = self.printed, ""
        assert printed, f"{block}: nothing was printed above, so nobody can say whether this is right"
        if block.language == "json":
            assert json.loads(printed) == json.loads(block.text), f"{block}: printed was\n{printed}"
        else:
            assert printed.split() == block.text.split(), f"{block}: printed was\n{printed}"


def main() -> None:
    """Run the page named on the command line."""
    sys.path.insert(0, str(Path.cwd()))
    page, reader = Path(sys.argv[1]), Reader()
    for block in blocks(page):
        reader.do(block)
    reader.finish(page)


if __name__ == "__main__":
    main()
