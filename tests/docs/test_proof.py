"""``docs/proof.md`` names the searches, budgets and mutants that there are."""

import re
from pathlib import Path
from textwrap import indent

import pytest

from simulation.interleavings.broken import BROKEN
from simulation.interleavings.cases import ANSWERS, BUDGETS
from simulation.interleavings.prove import LEDGER
from simulation.mutants import MUTANTS, OF_DEAD_LETTERS, ledger
from simulation.prove import NAMES
from simulation.searches import SEARCHES

PAGE = (Path(__file__).parents[2] / "docs" / "proof.md").read_text()
SIMULATION = Path(__file__).parents[1] / "simulation"


def rows(heading: str) -> list[str]:
    """The rows of the table under a heading row."""
    _, _, table = PAGE.partition(f"| {heading} |")
    return [line for line in table.split("\n\n")[0].splitlines()[2:] if line.startswith("|")]


def test_every_search_is_listed() -> None:
    assert [name for row in rows("search") for name in re.findall(r"`(\w+)`", row.split("|")[1])] == list(NAMES)


def test_every_budget_is_listed() -> None:
    assert [row.split("`")[1] for row in rows("budget")] == [*BUDGETS, *ANSWERS]


def test_every_mutant_is_listed_with_what_finds_it() -> None:
    finders = {"faults": MUTANTS, "dead letters": OF_DEAD_LETTERS, "states": BROKEN}
    expected = [
        f"| `{mutant.__name__}` | {mutant.__doc__} | {', '.join(k for k, v in finders.items() if mutant in v)} |"
        for mutant in {**MUTANTS, **OF_DEAD_LETTERS, **BROKEN}
    ]
    assert rows("mutant") == expected
    assert len(expected) >= 15


def test_the_tests_that_are_named_exist() -> None:
    named = re.findall(r"`(test_\w+)`", PAGE)
    there = "".join(file.read_text() for file in SIMULATION.glob("test_*.py"))
    assert len(named) >= 4
    assert [name for name in named if f"def {name}(" not in there] == []


def test_the_trace_is_the_one_that_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.no_tombstone(monkeypatch)
    assert indent(str(BROKEN[ledger.no_tombstone].search().violation), "    ") in PAGE


def test_the_seeds_exist() -> None:
    seeds = re.findall(r"SEED=(\w+)-([\d-]+)", PAGE)
    assert len(seeds) == 4
    for name, numbers in seeds:
        assert name == LEDGER or SEARCHES[name].again([*map(int, numbers.split("-"))]).run.ended
