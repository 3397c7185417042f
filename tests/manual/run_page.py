"""Run a page as its reader would: ``python run_page.py PAGE``, in an empty folder.

A block with a title is that file. Any other Python block runs, with the names of those above it; what it prints is what
the next ``text`` or ``json`` block shows. A ``console`` block names commands that exist; after a ``$`` ours runs.
"""

import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from manual.pages import ROOT, Block, blocks

OTHERS = ("cdk", "cd", "eval", "export", "git", "mkdir", "pip", "pytest", "python", "python3", "source")
"""Commands that are not ours."""


class Reader:
    """Somebody who does all that a page says."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "__page__"}
        self.printed = ""

    def do(self, block: Block) -> None:
        """Do what one block says; raises :class:`AssertionError` where the page is wrong."""
        if block.title:
            Path(block.title).parent.mkdir(parents=True, exist_ok=True)
            Path(block.title).write_text(block.text)
        elif block.language == "python":
            self._run(block)
        elif block.language in ("text", "json"):
            self._compare(block)
        elif block.language == "console":
            check_commands(block)
            self._ask(block)
        elif block.language == "toml":
            tomllib.loads(block.text)
        else:
            raise AssertionError(f"{block}: nobody knows how to check {block.language!r}; give it a file's title")

    def _run(self, block: Block) -> None:
        code = compile("\n" * (block.line - 1) + block.text, str(block.page), "exec")
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code, self.names)  # noqa: S102 # our own pages
        self.printed = printed.getvalue()

    def _ask(self, block: Block) -> None:
        for command in re.findall(r"^\$ cdk-saga (.+)", block.text, flags=re.MULTILINE):
            asked = [sys.executable, "-m", "saga_cli", *shlex.split(command, comments=True)]
            around = {**os.environ, "PYTHONPATH": str(ROOT)}
            done = subprocess.run(asked, env=around, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{block}: {command}: {done.stderr}"
            self.printed = done.stdout

    def _compare(self, block: Block) -> None:
        printed, self.printed = self.printed, ""
        assert printed, f"{block}: nothing was printed above, so nobody can say whether this is right"
        if block.language == "json":
            assert json.loads(printed) == json.loads(block.text), f"{block}: printed was\n{printed}"
        else:
            assert printed.split() == block.text.split(), f"{block}: printed was\n{printed}"


def check_commands(block: Block) -> None:
    """Each command exists: a target of the Makefile, a subcommand of ours, or a tool of somebody else's."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    ours = {file.stem for file in (ROOT / "constructs" / "saga_cli" / "commands").glob("*.py")}
    for line in filter(None, block.text.splitlines()):
        command, *rest = shlex.split(line.removeprefix("$ ").removeprefix(".venv/bin/"), comments=True)
        match command:
            case "make":
                asked = rest[2:] if rest[:1] == ["-C"] else rest
                unknown = {word for word in asked if "=" not in word} - targets
            case "cdk-saga":
                unknown = {rest[0]} - ours
            case _:
                unknown = {command} - set(OTHERS)
        assert not unknown, f"{block}: {line!r}: there is no {', '.join(unknown)}"


def main() -> None:
    """Run the page named on the command line."""
    sys.path.insert(0, str(Path.cwd()))
    reader = Reader()
    for block in blocks(Path(sys.argv[1])):
        reader.do(block)


if __name__ == "__main__":
    main()
