"""The bench on paper: `docs/bench`, a JSON file a subject; the page and the charts are made of those alone."""

import json
import os
import platform
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from bench import chart
from bench.figures import Result

Json = dict[str, Any]
FOLDER: Final = Path(__file__).parents[2] / "docs" / "bench"
PAGE: Final = "README.md"
WORDS: Final = {"ours": "≤ {}", "rival": "≤ {} times the rival", "floor": "≤ {} times the floor"}
COLUMNS: Final = ("rival", "ours", "floor", "ours : rival", "ours : floor", "target")
INTRODUCTION: Final = """\
# The bench

`make bench` measures all this anew (`ONLY="requests synth"` chooses) and writes this page. A rival and the floor,
what nobody can be below, are built and run in the same run, in turn with ours; a time is the median of its rounds.
Trust the ratios, not the seconds: they are of one machine. The same figures are in the JSON files beside this page."""


def keep(subject: str, result: Result) -> None:
    """Write a subject's figures."""
    machine = f"{os.cpu_count()} CPUs, Python {platform.python_version()}"
    head = {"taken": f"{datetime.now(UTC):%Y-%m-%d}", "machine": machine}
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**head, **result.as_json()}, indent=1, ensure_ascii=False)
    _file(subject).write_text(text + "\n", encoding="utf-8")


def kept(subject: str) -> Json | None:
    """A subject's figures as they were kept last; `None` before its first time."""
    return json.loads(_file(subject).read_text(encoding="utf-8")) if _file(subject).exists() else None


def files(subjects: Mapping[str, ModuleType]) -> dict[str, str]:
    """The page and the charts by their names, from what is kept."""
    page, made = [INTRODUCTION], dict[str, str]()
    for name, subject in subjects.items():
        if found := kept(name):
            page.append("\n".join(_section(name, subject, found)))
            made |= {f"{one['name']}.svg": chart.svg(one) for one in found["charts"]}
    return {PAGE: "\n".join(page), **made}


def publish(subjects: Mapping[str, ModuleType]) -> None:
    """Write the page and the charts."""
    for name, text in files(subjects).items():
        (FOLDER / name).write_text(text, encoding="utf-8")


def table(lines: list[Json]) -> Iterator[str]:
    """Lines as a table in Markdown."""
    yield f"| | {' | '.join(COLUMNS)} |"
    yield f"| --- | {'--: | ' * 5}--- |"
    for line in lines:
        yield f"| {' | '.join(cells(line))} |"


def cells(line: Json) -> list[str]:
    """A line's cells: what it is, and the columns."""
    rival = f"{_number(line['rival'])} ({line['against']})" if line["against"] else ""
    numbers = [_number(line[name]) for name in ("ours", "floor", "to_rival", "to_floor")]
    return [f"{line['what']}, {line['unit']}", rival, *numbers, _target(line)]


def _section(name: str, subject: ModuleType, found: Json) -> Iterator[str]:
    yield f"## {subject.TITLE}\n"
    yield f"{subject.ABOUT}\n\n`{name}.json`, {found['taken']}, {found['machine']}\n"
    if found["lines"]:
        yield from table(found["lines"])
        yield ""
    for one in found["charts"]:
        yield f"![{one['title']}]({one['name']}.svg)\n"


def _target(line: Json) -> str:
    target = line.get("target")
    if not target:
        return ""
    return f"{WORDS[target['of']].format(_number(target['most']))}: {'met' if target['met'] else '**not met**'}"


def _number(value: float | None) -> str:
    return (
        "" if value is None else f"{value:,g}" if value < 1_000_000 else f"{value:,.0f}"
    )  # from there on %g writes powers


def _file(subject: str) -> Path:
    return FOLDER / f"{subject}.json"
