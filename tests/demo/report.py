"""What the demo shows, fit for a terminal of 80 columns."""

import time
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from demo.example import Example
from demo.ledger_view import Effects
from demo.results import Result, agree, by_case
from demo.run import Run

STYLES = ("orchestrated", "choreographed")
COLOURS = {"COMPLETED": "green", "COMPENSATED": "yellow", "PARTIALLY_COMPENSATED": "yellow", "STUCK": "red"}


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
        line = f"[dim]{when:5.1f} s  {run.example.name:<5}  {run.case.name:<21}  {style}.[/]  {escape(text)}"
        self._console.print(line, highlight=False, no_wrap=True, overflow="ellipsis")

    def effects(self, results: Sequence[Result]) -> None:
        """A table for each saga of what is given up; one row for both styles where they agree."""
        for example, groups in _by_example(results):
            table = _table(f"{example.name}: what is left, and + held, in the participants' tables and with providers")
            for heading in example.columns:
                table.add_column(heading, justify="right")
            table.add_column("the customer was told")
            for group in groups:
                for result in group[:1] if agree(group) else group:
                    name = result.case.name if agree(group) else f"{result.case.name}\n{result.style}"
                    table.add_row(name, *_effects(result.effects))
            self._console.print(table)

    def endings(self, results: Sequence[Result]) -> None:
        """A table for each saga of cases and styles."""
        for example, groups in _by_example(results):
            table = _table(f"{example.name}: how it ended, n transitions or messages, after s seconds")
            for style in STYLES:
                table.add_column(style)
                table.add_column("n", justify="right")
                table.add_column("s", justify="right")
            table.add_column("agree")
            for group in groups:
                cells = [cell for result in group for cell in _ending(result)]
                table.add_row(group[0].case.name, *cells, "yes" if agree(group) else "[red]no[/]")
            self._console.print(table)

    def problems(self, results: Sequence[Result]) -> int:
        """What is not as it should be, in words; returns how much that is."""
        wrong = [f"{_name(r)}, {r.style}: {problem}" for r in results for problem in r.problems]
        wrong += [f"{_name(group[0])}: the styles disagree" for group in by_case(results) if not agree(group)]
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


def _by_example(results: Sequence[Result]) -> Iterator[tuple[Example, list[list[Result]]]]:
    for _, groups in groupby(by_case(results), key=lambda group: group[0].example.name):
        of_one = list(groups)
        yield of_one[0][0].example, of_one


def _name(result: Result) -> str:
    return f"{result.example.name}, {result.case.name}"


def _effects(effects: Effects) -> tuple[str, ...]:
    return (*map(_units, effects.columns.values()), "\n".join(effects.told))


def _units(units: tuple[int, ...]) -> str:
    *left, held = units
    return " ".join(map(str, [*left, "+", held]))


def _ending(result: Result) -> tuple[str, str, str]:
    """Ending, count and seconds."""
    helped = ["[red]STUCK[/], then"] if result.case.gets_stuck else []
    endings = [f"[{COLOURS.get(ending, 'red')}]{ending}[/]" for ending in result.endings]
    refused = [f"{result.refusals} refused"] if result.refusals else []
    text = ("[red]✗[/] " if result.problems else "") + "\n".join(helped + endings + refused)
    return text, str(result.count), f"{result.seconds:.1f}"
