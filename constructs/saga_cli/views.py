"""What people see of sagas in a terminal. Colour only repeats what the words say."""

import json
from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from saga_cli.output import cell
from saga_cli.responsive_table import Column, ResponsiveTable
from saga_runtime.client import DeadLetter, ListedSaga, Status, StepStatus
from saga_runtime.client.times import moment

STYLES: Final = {
    "completed": "green",
    "done": "green",
    "compensated": "yellow",
    "skipped": "yellow",
    "partially compensated": "yellow",
    "undone": "yellow",
    "rejected": "yellow",
    "stuck": "bold red",
    "interrupted": "red",
    "failing": "red",
    "undoing interrupted": "red",
    "not begun": "dim",
}
LISTED: Final = (
    Column("saga", least=12),
    Column("id"),
    Column("state", least=len("compensated")),
    Column("started", least=len("2026-11-24"), spared=2),
    Column("took", spared=1),
    Column("stands at", least=len("stands at")),
)
"""A list's columns. Its ids are copied into the next command; states and times are folded at their spaces."""
LONGEST: Final = 120
"""Characters of a result that a table shows; --json shows all."""
UNSEEN: Final = "None is to be seen. One that a redrive is at work on is hidden meanwhile."


def saga_view(status: Status) -> RenderableType:
    """One saga: what there is to know about it, then its steps."""
    facts = Table.grid(padding=(0, 2))
    for name, value in _facts(status):
        facts.add_row(cell(name, "dim"), value)
    return Group(facts, cell(""), _steps(status))


def list_view(found: Iterable[ListedSaga], where: str) -> RenderableType:
    """Sagas, a line each, below where they are: account, Region and what else narrows them."""
    rows = [_listed(one) for one in found]
    head = cell(where, "dim")
    return Group(head, ResponsiveTable(LISTED, rows)) if rows else cell(f"No saga matches in {where}.")


def dead_letters_view(dead_letters: Sequence[DeadLetter]) -> RenderableType:
    """Dead letters as they lie there, a line each."""
    table = _table("dead_letter", "is there because", "says")
    for dead_letter in dead_letters:
        table.add_row(cell(dead_letter.message[:8]), cell(dead_letter.reason), cell(_short(dead_letter.body)))
    return (
        Group(table, cell(f"At least {len(dead_letters)}: SQS keeps no list.", "dim")) if dead_letters else cell(UNSEEN)
    )


def redriven_view(dead_letters: Sequence[DeadLetter]) -> RenderableType:
    """Dead letters that were acted on, a line each."""
    table = _table("dead_letter", "was there because", "now")
    for dead_letter in dead_letters:
        done = cell(f"{dead_letter.done or 'kept'}{f': {dead_letter.refused}' if dead_letter.refused else ''}")
        table.add_row(cell(dead_letter.message[:8]), cell(dead_letter.reason), done)
    return table if dead_letters else cell("The dead-letter queue is empty.")


def _listed(one: ListedSaga) -> Sequence[Text]:
    at = cell((one.stuck_at or one.waits_at).replace(",", ", "))
    return cell(one.saga), cell(one.id), _words(one.words), _time(one.started), _took(one.started, one.ended), at


def _facts(status: Status) -> Iterable[tuple[str, Text]]:
    yield "saga", cell(f"{status.saga} {status.id}", "bold")
    yield "state", _words(status.words)
    yield "style", cell(f"{status.style}, version {status.version}")
    yield "started", _time(status.started)
    for name, time in (("stuck since", status.stuck_since), ("ended", status.ended), ("deadline", status.deadline)):
        if time is not None:
            yield name, _time(time)
    for name, text in (("why", status.why), ("next", status.next)):
        if text:
            yield name, cell(text)


def _steps(status: Status) -> Table:
    """Times count from the saga's start, which the ledger has in whole seconds."""
    table = _table("step", "outcome", "attempts", "done at", "undone at", "result or error")
    for step in status.steps:
        attempts = f"{step.attempts or ''}{f' + {step.undo_attempts}' if step.undo_attempts else ''}"
        done, undone = (_after(status.started, time) for time in (step.ended, step.undo_ended or step.undo_began))
        table.add_row(cell(step.step), _words(step.outcome), cell(attempts), done, undone, _said(step))
    return table


def _table(*columns: str) -> Table:
    """A plain table; where the terminal is narrow the last column gives way."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=column != columns[-1], overflow="fold")
    return table


def _words(words: str) -> Text:
    return cell(words, STYLES.get(words, ""))


def _time(seconds: float | None) -> Text:
    if seconds is None:
        return cell("")
    return cell(moment(seconds).replace("T", " "))


def _after(started: float, seconds: float | None) -> Text:
    """A time on the clock that begins with the saga."""
    return cell("") if seconds is None else cell(f"+{max(0.0, seconds - started):.1f} s")


def _took(started: float, ended: float | None) -> Text:
    """How long it took, as far as whole seconds tell."""
    if ended is None:
        return cell("")
    return cell(f"{ended - started:.0f} s" if ended > started else "under 1 s")


def _said(step: StepStatus) -> Text:
    return cell(_short(step.error or ("" if step.result is None else json.dumps(step.result, ensure_ascii=False))))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
