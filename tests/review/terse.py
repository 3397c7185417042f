"""``cdk diff``'s text in fewer lines, of which each says something."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

_SAME: Final = re.compile(r"^ [ │]*\[ \] |^\(NOTE: |^$")
"""What stays as it is, shown beside what changes; and what is no difference."""
_RULING: Final = re.compile(r"^[┌├└][─┬┼┴]+[┐┤┘]$")
_BRANCH: Final = re.compile(r"^([ │]*)[├└]─ ")
_PAIR: Final = re.compile(r"(?<=:)\n[ │]*├─ \[-\] (?!Removed: )(.{1,60})\n[ │]*└─ \[\+\] (.{1,60})(?=\n|$)")
_POLICY: Final = re.compile(r"^\[~\] AWS::IAM::\w*Policy ")
"""A policy's own difference; ``cdk diff`` shows its statements as a table."""


def terse(text: str) -> str:
    """A difference without what stays, each statement of a policy on a line, and each only child beside its parent."""
    lines = [line for line in text.splitlines() if not _SAME.search(line)]
    return _replaced("\n".join(_joined([*_without_policies([*_statements(lines)])])))


def _statements(lines: Sequence[str]) -> Iterator[str]:
    """Rows of tables as lines: ``[+] Allow sqs:SendMessage …``; a row goes on below, where its sign is missing."""
    cells: list[str] = []
    for line in lines:
        row = [part.strip() for part in line.split("│")[1:-1]] if line.startswith("│") else []
        if row and not row[0] and cells:
            cells = [f"{cell} {more}".strip() for cell, more in zip(cells, row, strict=True)]
            continue
        if cells:
            yield _statement(cells)
        cells = row if row and row[0] else []
        if not row and not _RULING.search(line):
            yield line
    if cells:
        yield _statement(cells)


def _statement(cells: Sequence[str]) -> str:
    sign, resource, *rest = cells
    return " ".join(filter(None, (f"[{sign}]", *rest[:2], "on", resource, *(f"for {one}" for one in rest[2:] if one))))


def _without_policies(lines: Sequence[str]) -> Iterator[str]:
    told, inside = "IAM Statement Changes" in lines, False
    for line in lines:
        if not line.startswith(" "):
            inside = told and bool(_POLICY.search(line))
        if not inside:
            yield line


def _joined(lines: Sequence[str]) -> Iterator[str]:
    """Put the only child of a line beside it, and a short value beside the one it replaces."""
    whole = ""
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        whole = f"{whole} {_BRANCH.sub('', line)}" if whole else line
        if not _is_only_child(below, line):
            yield whole
            whole = ""


def _is_only_child(below: str, line: str) -> bool:
    child, parent = _BRANCH.match(below), _BRANCH.match(line)
    deeper = child is not None and len(child[1]) > (len(parent[1]) if parent else 0)
    return deeper and below.lstrip(" │").startswith("└─")


def _replaced(text: str) -> str:
    return _PAIR.sub(r" \1 → \2", text)
