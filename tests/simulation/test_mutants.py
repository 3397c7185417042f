"""The invariants notice the classic mistakes: each, made on purpose, is caught by a search of single faults.

That the same search finds nothing in the code as it is, `test_faults` says.
"""

from collections.abc import Callable, Iterator

import pytest

from simulation.mutants import MUTANTS
from simulation.search import STYLES, Finding, Scenario, search
from simulation.shapes import saga

Mutant = Callable[[pytest.MonkeyPatch], None]


def scenarios(shape: str) -> Iterator[Scenario]:
    """What a saga of this shape may live through, with further attempts and without."""
    last = saga(shape).steps[-1].name
    for given in ({}, {"rejected": [last]}, {"broken": ["b.action"]}):
        for style in STYLES:
            yield from (Scenario(shape, style, given, attempts=attempts) for attempts in (0, 2))


def first_finding(shape: str) -> Finding | None:
    """The first run that breaks a rule."""
    return next((finding for scenario in scenarios(shape) for *_, finding in search(scenario, 1) if finding), None)


@pytest.mark.parametrize(("mutant", "shape"), MUTANTS.items(), ids=[mutant.__name__ for mutant in MUTANTS])
def test_a_mistake_is_caught(mutant: Mutant, shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant(monkeypatch)
    assert first_finding(shape), mutant.__doc__
