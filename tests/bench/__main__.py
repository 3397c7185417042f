"""`python -m bench [subject …]`: measure, print the tables, and write `docs/bench`."""

import argparse
import sys
import time
from typing import Final

from rich.console import Console
from rich.table import Table

from bench import drawing, scale
from bench.figures import Result
from bench.subjects import SUBJECTS

WIDTH: Final = 150
"""Columns when nobody says how many there are; fewer would wrap every cell."""


def main() -> int:
    """Run the bench; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="subject", help=f"{', '.join(SUBJECTS)}; all by default")
    chosen = parser.parse_args().subjects or list(SUBJECTS)
    if unknown := sorted(set(chosen) - set(SUBJECTS)):
        parser.error(f"no such subject: {', '.join(unknown)}; there are {', '.join(SUBJECTS)}")
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    for name in chosen:
        subject, begun = SUBJECTS[name], time.monotonic()
        result = subject.measure()
        drawing.keep(name, result)
        console.print(_table(subject.TITLE, result))
        console.print(f"{name}: {time.monotonic() - begun:.0f} s")
    drawing.publish(SUBJECTS)
    scale.PAGE.write_text(scale.page(), encoding="utf-8")
    return 0


def _table(title: str, result: Result) -> Table:
    table = Table("", *drawing.COLUMNS, title=title, box=None)
    for line in result.as_json()["lines"]:
        table.add_row(*drawing.cells(line))
    return table


if __name__ == "__main__":
    sys.exit(main())
