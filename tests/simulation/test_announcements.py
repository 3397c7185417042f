"""An ending is published and counted once as long as nothing goes wrong, however a saga comes to it."""

import pytest

from cdk_saga.testing import ControlOperation, Crash, Duplicate, Run, Throttled, violations
from simulation.participants import effects, simulation
from simulation.search import STYLES
from simulation.shapes import WAITS, saga

pytestmark = pytest.mark.parametrize("style", STYLES)
CANCEL = ControlOperation("cancel", 50)
WAYS = {
    "no answer": ({"pending": ["b"]}, ()),
    "a late cancel": ({"pending": ["b"]}, (CANCEL,)),
    "two cancels": ({"pending": ["b"]}, (CANCEL, ControlOperation("cancel", 50 + WAITS))),
    "a rejection by a person": ({"pending": ["b"], "answers": [["b", "reject", 50]]}, ()),
    "a handler that keeps failing": ({"broken": ["b.action"]}, ()),
    "a rejection": ({"rejected": ["b"]}, ()),
}


def told(run: Run) -> tuple[list[str], int]:
    assert violations(run, effects(run)) == [], str(run.trace)
    return [event.detail_type for event in run.announced], run.counted("Compensated")


@pytest.mark.parametrize("shape", ["TT?", "XX?T", "T(T?|X)"])
@pytest.mark.parametrize(("given", "operations"), WAYS.values(), ids=WAYS)
def test_a_compensated_saga_is_published_and_counted_once(
    style: str, shape: str, given: dict[str, object], operations: tuple[ControlOperation, ...]
) -> None:
    run = simulation(saga(shape), style).run(given, operations=operations)
    assert (run.ending, told(run)) == ("COMPENSATED", (["saga.compensated"], 1))


def test_a_crash_after_the_last_compensation_publishes_again_and_counts_nothing_twice(style: str) -> None:
    crash = Crash("a.compensation", call=2, when="after")
    run = simulation(saga("TT"), style).run({"rejected": ["b"]}, faults=[crash])
    published, counted = told(run)
    assert (published[-1], len(published), counted) == ("saga.compensated", 2, 1)


def test_a_bus_that_throttles_delays_the_event_and_counts_once(style: str) -> None:
    run = simulation(saga("TT"), style).run({"rejected": ["b"]}, faults=[Throttled("a.compensation", call=2)])
    assert told(run) == (["saga.compensated"], 1)


def test_a_copy_of_the_last_command_publishes_nothing(style: str) -> None:
    run = simulation(saga("TT"), style).run({"rejected": ["b"]}, faults=[Duplicate("a.compensation", after=20)])
    assert told(run) == (["saga.compensated"], 1)
