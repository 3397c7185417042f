"""What people see of sagas in a terminal. Colour only repeats what the words say."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from saga_runtime.client import Letter, Listed, Status, StepStatus

STYLES: Final = {
    "completed": "green",
    "done": "green",
    "compensated": "yellow",
    "undone": "yellow",
    "rejected": "yellow",
    "stuck": "bold red",
    "interrupted": "red",
    "undoing interrupted": "red",
    "not begun": "dim",
}
LONGEST: Final = 60
"""Characters of a result that a table shows; --json shows all."""


def saga_view(status: Status) -> RenderableType:
    """One saga: what there is to know about it, then its steps."""
    facts = Table.grid(padding=(0, 2))
    for name, value in _facts(status):
        facts.add_row(Text(name, "dim"), value)
    return Group(facts, Text(), _steps(status.steps))


def list_view(found: Iterable[Listed]) -> RenderableType:
    """Sagas, a line each."""
    table = _table("saga", "id", "state", "started", "ended", "stuck at")
    for one in found:
        stuck = Text(f"{one.stuck_at}: {one.error}" if one.stuck_at else "")
        table.add_row(one.saga, one.id, _words(one.words), _time(one.started), _time(one.ended), stuck)
    return table if table.row_count else Text("There are none.")


def letters_view(letters: Sequence[Letter]) -> RenderableType:
    """Dead letters, a line each."""
    table = _table("letter", "was there because", "now")
    for letter in letters:
        done = Text(f"{letter.done or 'kept'}{f': {letter.refused}' if letter.refused else ''}")
        table.add_row(letter.message[:8], Text(letter.reason), done)
    return table if letters else Text("The dead-letter queue is empty.")


def _facts(status: Status) -> Iterable[tuple[str, Text]]:
    yield "saga", Text(f"{status.saga} {status.id}", "bold")
    yield "state", _words(status.words)
    yield "style", Text(f"{status.style}, version {status.version}")
    yield "started", _time(status.started)
    for name, time in (("ended", status.ended), ("deadline", status.deadline)):
        if time is not None:
            yield name, _time(time)
    for name, text in (("why", status.why), ("next", status.next)):
        if text:
            yield name, Text(text)


def _steps(steps: Iterable[StepStatus]) -> Table:
    table = _table("step", "outcome", "attempts", "ended", "undone", "result or error")
    for step in steps:
        attempts = f"{step.attempts or ''}{f' + {step.undo_attempts}' if step.undo_attempts else ''}"
        said = Text(step.error or _short(step.result))
        undone = step.undo_ended or step.undo_began
        table.add_row(step.step, _words(step.outcome), attempts, _time(step.ended), _time(undone), said)
    return table


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, header_style="dim", pad_edge=False)


def _words(words: str) -> Text:
    return Text(words, STYLES.get(words, ""))


def _time(seconds: float | None) -> Text:
    if seconds is None:
        return Text()
    return Text(datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ"))


def _short(result: object) -> str:
    text = "" if result is None else str(result)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
