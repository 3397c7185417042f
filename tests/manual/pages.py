"""Code blocks of Markdown pages, with what stands above them."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FENCE = re.compile(r'^( *)```(\w+)(?: title="([^"]+)")?\n(.*?)^\1```$', flags=re.MULTILINE | re.DOTALL)
READMES = (
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *(ROOT / folder / "README.md" for folder in ("constructs", "runtime")),
)
"""The pages outside of the manual."""
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")


@dataclass(frozen=True)
class Block:
    """A code block.

    Args:
        page: the page it is on.
        line: the line of its first line there.
        language: as its fence says.
        title: the file it is the contents of; empty for none.
        text: what is in it.
    """

    page: Path
    line: int
    language: str
    title: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def pages() -> list[Path]:
    """Every page that somebody wrote; those made from docstrings are run where they come from."""
    return sorted(page for page in DOCS.rglob("*.md") if "api" not in page.relative_to(DOCS).parts)


def blocks(page: Path) -> Iterator[Block]:
    """The code blocks of ``page``, in order."""
    text = page.read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start(4)) + 1
        yield Block(page, line, found[2], found[3] or "", textwrap.dedent(found[4]))


def commands(page: Path) -> list[str]:
    """What its reader types into a shell, line by line."""
    lines = (line for block in blocks(page) if block.language == "console" for line in block.text.splitlines())
    return [line for line in lines if line.strip()]


def links(page: Path) -> Iterator[Path]:
    """The files that ``page`` links to or shows."""
    return (page.parent / target for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))))
