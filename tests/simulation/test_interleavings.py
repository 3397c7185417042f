"""Every interleaving of a saga's deliveries keeps the rules, and mistakes made on purpose do not.

`make test` searches sagas of one and two steps; `make prove` (`simulation.prove`) all that `cases` lists.
"""

from collections.abc import Callable

import pytest

from simulation.interleavings.broken import BROKEN
from simulation.interleavings.cases import BUDGETS, Case, cases, waiting
from simulation.interleavings.search import Figures

Mutant = Callable[[pytest.MonkeyPatch], None]


def held(case: Case) -> Figures:
    """What a search came to, after checking that it found nothing."""
    figures = case.search()
    if figures.violation:
        pytest.fail(f"{case}\n{figures.violation}", pytrace=False)
    return figures


@pytest.mark.long("a search of many states")
@pytest.mark.parametrize("budget", BUDGETS)
def test_no_interleaving_of_one_step_breaks_a_rule(budget: str) -> None:
    assert sum(held(case).states for case in cases(["T", "X"], [budget])) > 100


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize("budget", BUDGETS)
def test_no_interleaving_of_two_steps_breaks_a_rule(budget: str) -> None:
    assert sum(held(case).states for case in cases(["TT"], [budget])) > 500


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize("shape", ["T°T", "T!X", "(T|T)"])
def test_no_crashes_in_other_sagas_break_a_rule(shape: str) -> None:
    assert held(Case(shape, "two crashes", {})).states > 1000


def test_no_interleaving_of_answers_to_a_step_that_waits_breaks_a_rule() -> None:
    assert sum(held(case).states for case in waiting(["T?"])) > 500


@pytest.mark.long("a search of many runs")
def test_a_search_is_the_same_each_time() -> None:
    first, second = (held(Case("XT", "cancelled, and a copy", {})) for _ in range(2))
    assert (first.states, first.edges, first.tables) == (second.states, second.edges, second.tables)


@pytest.mark.parametrize(("mutant", "case"), BROKEN.items(), ids=[mutant.__name__ for mutant in BROKEN])
def test_a_mistake_is_caught_with_the_shortest_way_to_it(
    mutant: Mutant, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant(monkeypatch)
    violation = case.search().violation
    assert violation, mutant.__doc__
    assert violation.problems
    assert len(violation.steps) > 1
    print(f"{mutant.__name__}: {mutant.__doc__}\n{violation}")  # noqa: T201 # `pytest -rP` shows the traces
