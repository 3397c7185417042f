"""The figures of the proof, kept in `docs/proof.md` between two markers: each search's those of its last time."""

import datetime as dt
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from simulation.interleavings.prove import LEDGER
from simulation.searches import SEARCHES

Row = tuple[int, ...]
"""Of a search: its scenarios, runs and seconds; of the ledger's: its cases, states, edges and seconds."""
PAGE: Final = Path(__file__).parents[2] / "docs" / "proof.md"
BEGIN: Final = "<!-- figures: written by `make prove` -->"
END: Final = "<!-- end of figures -->"
RUNS: Final = ("search", "scenarios", "runs", "seconds", "last")
STATES: Final = ("search", "cases", "states", "edges", "seconds", "last")


def write(rows: Mapping[str, Row]) -> None:
    """Write figures of searches that found nothing into the page; other searches keep theirs."""
    PAGE.write_text(put(PAGE.read_text(encoding="utf-8"), rows), encoding="utf-8")


def put(page: str, rows: Mapping[str, Row]) -> str:
    """The page with these figures; raises :class:`ValueError` when its markers are gone."""
    before, begun, rest = page.partition(BEGIN)
    old, ended, after = rest.partition(END)
    if not (begun and ended):
        raise ValueError(f"docs/proof.md has lost its markers: put {BEGIN} and {END} around its figures")
    today = f"{dt.datetime.now(tz=dt.UTC).date()}, Python {platform.python_version()}, {os.cpu_count()} cores"
    new = {name: [f"`{name}`", *(f"{figure:,}" for figure in row), today] for name, row in rows.items()}
    return f"{before}{BEGIN}\n\n{_tables({**_known(old), **new})}\n{END}{after}"


def _known(figures: str) -> dict[str, list[str]]:
    """The cells of each search."""
    lines = (line.strip("| ").split(" | ") for line in figures.splitlines() if line.startswith("| `"))
    return {cells[0].strip("`"): cells for cells in lines}


def _tables(known: Mapping[str, list[str]]) -> str:
    runs = [known[name] for name in SEARCHES if name in known]
    return "\n".join([*_table(RUNS, runs), "", *_table(STATES, [known[LEDGER]] if LEDGER in known else []), ""])


def _table(heading: tuple[str, ...], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (heading, ["---"] * len(heading), *rows)]
