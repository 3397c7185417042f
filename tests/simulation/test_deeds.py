"""Whatever a handler does, both styles end as the definition says, and no rule is broken."""

import inspect

import pytest

from cdk_saga.testing import Schedule, violations
from saga_runtime import SagaError, errors
from simulation import deeds
from simulation.deeds import ERRORS, SLOW
from simulation.participants import effects
from simulation.search import STYLES, Scenario, judged, search

SHAPES = ("TT", "XX", "T°X", "T!X", "(T|X)T", "T(X|T)", "TT~", "XX~", "T?T")


def test_a_generated_handler_can_raise_every_error_of_the_runtime() -> None:
    own = [name for name, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, SagaError)]
    assert set(own) - {"SagaError"} <= set(ERRORS)


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("style", STYLES)
def test_a_deed_ends_as_the_definition_says(style: str, shape: str) -> None:
    for given in deeds.requests(shape):
        scenario = Scenario(shape, style, given, attempts=1)
        finding = judged(scenario, (), scenario.runner()(()))
        assert not finding, str(finding)


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    ("shape", "deed"), [("TX", "raises Rejected"), ("XT", "raises AlreadyPublished"), ("T", "returns a list")]
)
def test_a_deed_and_a_fault_break_no_rule(style: str, shape: str, deed: str) -> None:
    for given in deeds.requests(shape, (deed,)):
        for *_, finding in search(Scenario(shape, style, given, attempts=1), 1):
            assert not finding, str(finding)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("shape", ["TX", "XT"])
def test_a_slow_handler_breaks_no_rule(style: str, shape: str) -> None:
    for given in deeds.requests(shape, (SLOW,)):
        run = Scenario(shape, style, given).simulated().run(given, schedule=Schedule.chosen(()))
        assert violations(run, effects(run)) == [], str(run.trace)
        assert run.ending == ("STUCK" if "rejected" in given else "COMPENSATED")
