"""What the demo shows, fit for a terminal of 80 columns."""

import time
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from demo.books import Effects
from demo.results import Result, agree, by_case
from demo.run import Run

STYLES = ("orchestrated", "choreographed")
COLOURS = {"COMPLETED": "green", "COMPENSATED": "yellow", "STUCK": "red"}


class Report:
    """Writes to a terminal, or to whatever stands in for one."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begun = time.monotonic()

    def say(self, text: str) -> None:
        """A line of its own."""
        self._console.print(escape(text), highlight=False)

    def tell(self, run: Run, text: str) -> None:
        """Something has happened in a run."""
        when, style = time.monotonic() - self._begun, run.style.target.style[:5]
        line = f"[dim]{when:5.1f} s  {run.case.name:<22}  {style}.[/]  {escape(text)}"
        self._console.print(line, highlight=False, no_wrap=True, overflow="ellipsis")

    def effects(self, results: Sequence[Result]) -> None:
        """A table of what is left behind; one row for both styles where they agree."""
        table = _table("What is left, and + booked, in the participants' tables and with the provider")
        for column in ("seats", "rooms", "trans-\nfers"):
            table.add_column(column, justify="right")
        table.add_column("the customer was told")
        for group in by_case(results):
            for result in group[:1] if agree(group) else group:
                name = result.case.name if agree(group) else f"{result.case.name}\n{result.style}"
                table.add_row(name, *_effects(result.effects))
        self._console.print(table)

    def endings(self, results: Sequence[Result]) -> None:
        """The table of cases and styles."""
        table = _table("How it ended: n transitions or messages, after s seconds")
        for style in STYLES:
            table.add_column(style)
            table.add_column("n", justify="right")
            table.add_column("s", justify="right")
        table.add_column("agree")
        for group in by_case(results):
            cells = [cell for result in group for cell in (_ending(result), str(result.count), f"{result.seconds:.1f}")]
            table.add_row(group[0].case.name, *cells, "yes" if agree(group) else "[red]no[/]")
        self._console.print(table)

    def problems(self, results: Sequence[Result]) -> int:
        """What is not as it should be, in words; returns how much that is."""
        wrong = [f"{r.case.name}, {r.style}: {problem}" for r in results for problem in r.problems]
        wrong += [f"{group[0].case.name}: the styles disagree" for group in by_case(results) if not agree(group)]
        for text in wrong:
            self._console.print(f"[red]wrong:[/] {escape(text)}", highlight=False)
        return len(wrong)


def _table(title: str) -> Table:
    table = Table(
        title=f"\n{title}",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        collapse_padding=True,
        pad_edge=False,
        show_edge=False,
    )
    table.add_column("case", no_wrap=True)
    return table


def _effects(effects: Effects) -> tuple[str, ...]:
    seats, rooms = f"{effects.seats} + {effects.flights}", f"{effects.rooms} + {effects.hotels}"
    return seats, rooms, f"+ {effects.transfers}", "\n".join(effects.told)


def _ending(result: Result) -> str:
    endings = [f"[{COLOURS.get(ending, 'red')}]{ending}[/]" for ending in result.endings]
    if result.refusals:
        endings.append(f"{result.refusals} refused")
    return ("[red]✗[/] " if result.problems else "") + "\n".join(endings)
