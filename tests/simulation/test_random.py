"""Generated sagas, faults and schedules: whatever comes together, no rule is broken (Hypothesis shrinks what does)."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdk_saga.testing import Crash, Delay, Duplicate, Fault, LostReply, NotTaken, Schedule, Slow, Throttled
from simulation.cases import Case
from simulation.generated import shapes
from simulation.participants import simulation
from simulation.search import STYLES, Scenario, judged, requests
from simulation.shapes import saga

QUICK = settings(
    max_examples=150,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
SEEDS = 300

places = {
    "task": st.builds("{}.{}".format, st.sampled_from("abcdef"), st.sampled_from(["action", "compensation"]))
    | st.just("recovery"),
    "attempt": st.integers(1, 3),
}
calls = {**places, "call": st.integers(1, 6)}
sides = st.sampled_from(["before", "after"])
seconds = st.sampled_from([0, 3, 20, 100, 2000])
faults: st.SearchStrategy[Fault] = st.one_of(
    st.builds(Crash, **calls, when=sides),
    st.builds(LostReply, **calls),
    st.builds(Throttled, **calls, times=st.sampled_from([1, 9])),
    st.builds(NotTaken, **calls),
    st.builds(Slow, **calls, seconds=seconds, when=sides),
    st.builds(Duplicate, **places, after=seconds, kind=st.sampled_from(["copy", "redelivery"])),
    st.builds(Delay, **places, seconds=seconds),
)


@pytest.mark.parametrize("style", STYLES)
@QUICK
@given(
    data=st.data(), shape=shapes, struck=st.lists(faults, max_size=4), choices=st.lists(st.integers(0, 7), max_size=40)
)
def test_no_combination_breaks_a_rule(
    style: str, data: st.DataObject, shape: str, struck: list[Fault], choices: list[int]
) -> None:
    asked = data.draw(st.sampled_from(list(requests(shape))))
    scenario = Scenario(shape, style, asked, attempts=data.draw(st.sampled_from([0, 1, 2])))
    simulated = simulation(saga(shape, attempts=scenario.attempts), style)
    run = simulated.run(asked, faults=struck, schedule=Schedule.chosen(choices))
    assert not (finding := judged(scenario, struck, run)), finding


@pytest.mark.long("a search of many runs")
def test_no_seed_breaks_a_rule() -> None:
    for seed in range(SEEDS):
        _, finding = Case.of_seed(seed).run()
        if finding:
            pytest.fail(f"seed {seed}: {finding}", pytrace=False)


def test_the_same_seed_is_the_same_run() -> None:
    for seed in range(20):
        (first, _), (second, _) = Case.of_seed(seed).run(), Case.of_seed(seed).run()
        assert str(first.trace) == str(second.trace)
