"""The invariants notice the classic mistakes: each, made on purpose, is caught by a search of single faults.

That the same search finds nothing in the code as it is, `test_faults` says.
"""

from collections.abc import Callable, Sequence

import pytest

from simulation import dead_letter_search
from simulation.mutants import MUTANTS, OF_DEAD_LETTERS
from simulation.search import Finding, Scenario, search

Mutant = Callable[[pytest.MonkeyPatch], None]


def show(mutant: Mutant, finding: Finding) -> None:
    """For `pytest -rP`."""
    print(f"{mutant.__name__}: {mutant.__doc__}\n{finding}")  # noqa: T201 # what is caught is to be seen


def first_finding(scenarios: Sequence[Scenario]) -> Finding | None:
    """The first run that breaks a rule."""
    return next((finding for scenario in scenarios for *_, finding in search(scenario, 1) if finding), None)


@pytest.mark.parametrize(("mutant", "scenarios"), MUTANTS.items(), ids=[mutant.__name__ for mutant in MUTANTS])
def test_a_mistake_is_caught(mutant: Mutant, scenarios: Sequence[Scenario], monkeypatch: pytest.MonkeyPatch) -> None:
    mutant(monkeypatch)
    finding = first_finding(scenarios)
    assert finding, mutant.__doc__
    show(mutant, finding)


@pytest.mark.parametrize(
    ("mutant", "shape"), OF_DEAD_LETTERS.items(), ids=[mutant.__name__ for mutant in OF_DEAD_LETTERS]
)
def test_a_mistake_with_dead_letters_is_caught(mutant: Mutant, shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (scenario,) = dead_letter_search.scenarios([shape])
    mutant(monkeypatch)
    finding = next((tried.finding for tried in dead_letter_search.search(scenario, every=5) if tried.finding), None)
    assert finding, mutant.__doc__
    show(mutant, finding)
