"""The figures of a whole proof, kept in `docs/proof.md` between two markers."""

import datetime as dt
import os
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from simulation.interleavings.prove import Searched

PAGE: Final = Path(__file__).parents[2] / "docs" / "proof.md"
BEGIN: Final = "<!-- figures: written by `make prove` -->"
END: Final = "<!-- end of figures -->"


def write(rows: Iterable[tuple[str, str, str, str]], ledger: Searched) -> None:
    """Write the figures of a run that found nothing into the page."""
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(put(text, table(rows, ledger)), encoding="utf-8")


def put(page: str, figures: str) -> str:
    """The page with other figures; raises :class:`ValueError` when its markers are gone."""
    before, begun, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (begun and ended):
        raise ValueError(f"docs/proof.md has lost its markers: put {BEGIN} and {END} around its figures")
    return f"{before}{BEGIN}\n\n{figures}\n{END}{after}"


def table(rows: Iterable[tuple[str, str, str, str]], ledger: Searched) -> str:
    """The figures, as the page shows them."""
    today = dt.datetime.now(tz=dt.UTC).date()
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    lines = [
        f"{today}, {machine}. The whole of `make prove`; nothing was found.",
        "",
        "| search | scenarios | runs | seconds |",
        "| --- | --- | --- | --- |",
        *(f"| `{name}` | {scenarios} | {runs} | {seconds} |" for name, scenarios, runs, seconds in rows),
        "",
        "| search | cases | states | edges | seconds |",
        "| --- | --- | --- | --- | --- |",
        f"| `ledger` | {ledger.cases:,} | {ledger.states:,} | {ledger.edges:,} | {ledger.seconds:,.0f} |",
        "",
    ]
    return "\n".join(lines)
