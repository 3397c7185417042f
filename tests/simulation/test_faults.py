"""Whatever goes wrong once, at any point, the invariants hold: searched exhaustively, in both styles.

`make test` searches the small sagas and a fixed part of the larger ones; `make prove` (`simulation.prove`) all of them,
and pairs of faults.
"""

from collections.abc import Iterable

import pytest

from cdk_saga.testing import faults_of
from simulation.search import STYLES, Scenario, scenarios, search
from simulation.shapes import GROUPS, saga, sequences

LONGER = ("TTT", "XXX", "TX°T!X")
PART = 31
"""Of the larger searches one scenario in so many is taken: prime, so that no kind is left out."""


def holds(searched: Iterable[Scenario], depth: int = 1) -> int:
    """Search scenarios; returns how many runs that took."""
    runs = 0
    for scenario in searched:
        for _, _, finding in search(scenario, depth):
            runs += 1
            if finding:
                pytest.fail(str(finding), pytrace=False)
    return runs


@pytest.mark.parametrize("style", STYLES)
def test_one_step_survives_every_fault(style: str) -> None:
    assert holds(scenarios(["T", "X", "T°", "X°"], [style])) > 500


@pytest.mark.parametrize("style", STYLES)
def test_two_steps_survive_every_fault(style: str) -> None:
    assert holds(list(scenarios(sequences(2), [style]))[::PART]) > 100


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize("style", STYLES)
def test_longer_sagas_survive_every_fault(style: str) -> None:
    assert holds(list(scenarios(LONGER, [style]))[::7]) > 100


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize("style", STYLES)
def test_groups_survive_every_fault(style: str) -> None:
    assert holds(list(scenarios(GROUPS, [style]))[::PART]) > 100


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("shape", ["TTT", "XX", "X°T", "TT°T", "TX!T", "T(T|T)", "(T°|T°)"])
def test_a_saga_without_further_attempts_survives_every_fault(shape: str, style: str) -> None:
    assert holds(Scenario(shape, style, given, attempts=0) for given in ({}, {"rejected": ["b"]})) > 50


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("shape", ["TTT~", "XT°X~", "T(T|T)T~", "(XT|T)~"])
def test_a_compensation_that_goes_on_past_what_keeps_failing_survives_every_fault(shape: str, style: str) -> None:
    names = [step.name for step in saga(shape).all_steps]
    given = {"rejected": names[-1:], "broken": [f"{name}.compensation" for name in names[:2]]}
    assert holds(Scenario(shape, style, given, attempts=attempts) for attempts in (0, 1)) > 50


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize("style", STYLES)
def test_a_step_survives_every_second_fault_after_every_first(style: str) -> None:
    assert holds([Scenario("T", style)], depth=2) > 500


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("shape", ["TX°T", "T(X|T)", "TW"])
def test_every_fault_is_one_of_an_invocation(shape: str, style: str) -> None:
    run = Scenario(shape, style).runner()(())
    assert {fault.task for _, fault in faults_of(run)} <= run.world.functions.invocations.keys()
