"""Orders, deadlines and the way on from a saga that was stuck, in both styles."""

import json
from typing import Any, Literal

import pytest

from cdk_saga.testing import Cancel, ControlOperation, Delay, Lost, Run, Schedule, faults_of, violations
from cdk_saga.testing.clock import START
from simulation.participants import effects, simulation
from simulation.search import STYLES, Scenario, search
from simulation.shapes import saga

pytestmark = pytest.mark.parametrize("style", STYLES)
LATER = 10_000.0
What = Literal["resume", "skip", "redrive"]


def held(run: Run) -> Run:
    """The run, after checking it."""
    assert violations(run, effects(run)) == [], str(run.trace)
    return run


@pytest.mark.parametrize("shape", ["TT", "XT", "T°X°", "(T|X)", "T!X"])
def test_a_saga_may_be_cancelled_at_any_moment(style: str, shape: str) -> None:
    for faults, run, finding in search(Scenario(shape, style), 1):
        if faults and isinstance(faults[0], Cancel):
            assert finding is None, str(finding)
            assert run.ending in {"COMPENSATED", "COMPLETED"}


ORDERED = {
    "replayed at once": [ControlOperation("retry", 0.02)],
    "replayed when it is over": [ControlOperation("retry", LATER)],
    "redriven, then replayed": [ControlOperation("redrive", LATER), ControlOperation("retry", 2 * LATER)],
    "skipped, then replayed": [
        ControlOperation("skip", LATER, step="a", reason="by phone"),
        ControlOperation("retry", 2 * LATER),
    ],
}


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize("operations", ORDERED.values(), ids=ORDERED)
@pytest.mark.parametrize("given", [{}, {"rejected": ["b"], "broken": ["a.compensation"], "repaired": LATER - 1}])
def test_replayed_redriven_or_skipped_whatever_else_goes_wrong_no_rule_is_broken(
    style: str, given: dict[str, Any], operations: list[ControlOperation]
) -> None:
    for _, _, finding in search(Scenario("XX", style, given, attempts=0, operations=tuple(operations)), 1):
        if finding:
            pytest.fail(str(finding), pytrace=False)


def test_a_cancelled_saga_leaves_no_effect_before_its_pivot(style: str) -> None:
    run = held(simulation(saga("TX"), style).run(faults=[Cancel("b.action", call=1)]))
    assert run.ending == "COMPENSATED"


def test_a_saga_past_its_pivot_cannot_be_cancelled(style: str) -> None:
    run = held(simulation(saga("T!T"), style).run(faults=[Cancel("b.action", call=1)]))
    assert (run.ending, "past its pivot" in str(run.trace)) == ("COMPLETED", True)


@pytest.mark.parametrize(
    ("shape", "given", "ending"),
    [
        ("TTT", {"rejected": ["c"], "broken": ["b.compensation"]}, "COMPENSATED"),
        ("XXX", {"broken": ["c.action", "b.compensation"]}, "COMPENSATED"),
        ("T!XT", {"broken": ["b.action"]}, "COMPLETED"),
        ("T(T|X)T", {"rejected": ["d"], "broken": ["c.compensation"]}, "COMPENSATED"),
        ("TXT~", {"rejected": ["c"], "broken": ["a.compensation", "b.compensation"]}, "COMPENSATED"),
        ("T(TX|X)T~", {"rejected": ["e"], "broken": ["c.compensation", "d.compensation"]}, "COMPENSATED"),
    ],
)
def test_a_stuck_saga_goes_on_when_what_was_broken_is_repaired(
    style: str, shape: str, given: dict[str, Any], ending: str
) -> None:
    stuck = held(simulation(saga(shape), style).run(given))
    assert stuck.ending == "STUCK"
    resumed = simulation(saga(shape), style).run(
        {**given, "repaired": LATER - 1}, operations=[ControlOperation("resume", LATER)]
    )
    assert held(resumed).ending == ending


def skipped(*steps: str) -> list[ControlOperation]:
    """One after the other."""
    return [ControlOperation("skip", i * LATER, step=step, reason="by phone") for i, step in enumerate(steps, start=1)]


def left(run: Run) -> set[str]:
    return {effect.step for effect in effects(run)} - {effect.step for effect in effects(run) if effect.amount < 0}


@pytest.mark.parametrize(
    ("shape", "given", "steps"),
    [
        ("TTT", {"rejected": ["c"], "broken": ["b.compensation"]}, "b"),
        ("XXX", {"rejected": ["c"], "broken": ["b.compensation"]}, "b"),
        ("TT", {"rejected": ["b"], "broken": ["a.compensation"]}, "a"),
        ("XT", {"broken": ["b.action", "a.compensation"]}, "a"),
        ("TXT", {"rejected": ["c"], "broken": ["a.compensation", "b.compensation"]}, "ba"),
        ("TXT~", {"rejected": ["c"], "broken": ["a.compensation", "b.compensation"]}, "ab"),
        ("(T|X)T", {"rejected": ["c"], "broken": ["b.compensation"]}, "b"),
        ("(T|X)T~", {"rejected": ["c"], "broken": ["a.compensation", "b.compensation"]}, "ba"),
        ("T(TX|X)T", {"rejected": ["e"], "broken": ["c.compensation"]}, "c"),
        ("T?T", {"pending": ["a"], "broken": ["a.compensation"]}, "a"),
        ("TX?", {"pending": ["b"], "broken": ["b.compensation"]}, "b"),
    ],
)
def test_what_cannot_be_repaired_is_skipped_by_hand_and_its_saga_ends_so(
    style: str, shape: str, given: dict[str, Any], steps: str
) -> None:
    run = held(simulation(saga(shape), style).run(given, operations=skipped(*steps)))
    assert (run.ending, left(run)) == ("PARTIALLY_COMPENSATED", set(steps))


def test_a_saga_that_goes_on_undoing_after_something_was_skipped_ends_skipped_all_the_same(style: str) -> None:
    given = {"rejected": ["c"], "broken": ["b.compensation", "a.compensation"], "repaired": 2 * LATER - 1}
    run = held(
        simulation(saga("TTT"), style).run(given, operations=[*skipped("b"), ControlOperation("resume", 2 * LATER)])
    )
    assert (run.ending, left(run)) == ("PARTIALLY_COMPENSATED", {"b"})


def test_a_compensation_that_goes_on_leaves_what_keeps_failing_and_names_all_of_it(style: str) -> None:
    given = {"rejected": ["d"], "broken": ["a.compensation", "c.compensation"]}
    run = held(simulation(saga("TXTT~"), style).run(given))
    undone = [effect.step for effect in effects(run) if effect.amount < 0]
    assert (run.ending, run.stuck, undone) == ("STUCK", ["c", "a"], ["b"])
    assert json.loads(run.announced[-1].detail)["failure"]["stuck"] == ["c", "a"]


def test_of_several_steps_given_up_each_is_skipped_on_its_own(style: str) -> None:
    given = {"rejected": ["c"], "broken": ["a.compensation", "b.compensation"]}
    first = held(simulation(saga("TTT~"), style).run(given, operations=skipped("a")))
    assert (first.ending, first.stuck) == ("STUCK", ["b"])
    assert (
        held(simulation(saga("TTT~"), style).run(given, operations=skipped("a", "b"))).ending == "PARTIALLY_COMPENSATED"
    )


def test_a_saga_without_progress_is_replayed(style: str) -> None:
    lost = [Lost("b.action")]
    assert simulation(saga("TXT"), style).run(faults=lost).ending == "RUNNING"
    run = held(simulation(saga("TXT"), style).run(faults=lost, operations=[ControlOperation("retry", LATER)]))
    assert run.ending == "COMPLETED"


def test_a_redriven_dead_letter_resumes_its_saga(style: str) -> None:
    given = {"rejected": ["b"], "broken": ["a.compensation"], "repaired": LATER - 1}
    run = held(simulation(saga("TT"), style).run(given, operations=[ControlOperation("redrive", LATER)]))
    # Orchestrated no message lies anywhere: the execution has failed, and the alarm names the saga.
    assert (run.ending, run.dead_letters) == ("COMPENSATED" if style == "choreographed" else "STUCK", [])


def test_a_dead_letter_that_cannot_be_processed_stays(style: str) -> None:
    simulated = simulation(saga("T"), style)
    world = simulated.account(Schedule.calm())
    world.queues.send(world.dead, "no dead letter of ours")
    with simulated:
        simulated.recovery.services.client = world.client
        world.redrive()
        world.clock.run(100)
    assert [dead_letter.body for dead_letter in world.dead.messages.values()] == ["no dead letter of ours"]


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize("shape", ["TT", "XX"])
@pytest.mark.parametrize("what", ["resume", "skip", "redrive"])
def test_an_interrupted_order_is_repeated(style: str, shape: str, what: What) -> None:
    if what == "redrive" and style == "orchestrated":
        what = "resume"  # no dead letter lies there
    repaired = {} if what == "skip" else {"repaired": LATER - 1}
    given = {"rejected": ["b"], "broken": ["a.compensation"], **repaired}
    simulated, order = simulation(saga(shape), style), ControlOperation(what, LATER, step="a", reason="by phone")
    without = simulated.run(given, operations=[order])
    for _, fault in faults_of(without, after=START + LATER):
        run = held(simulated.run(given, faults=[fault], operations=[order]))
        assert run.ending == ("PARTIALLY_COMPENSATED" if what == "skip" else "COMPENSATED"), f"{fault}\n{run.trace}"
        assert answers(run, what)[-1] == "obeyed", f"{fault}\n{run.trace}"


def answers(run: Run, what: str) -> list[str]:
    """What whoever gave an order has heard each time."""
    return [entry.outcome for entry in run.trace.entries if entry.what == f"orders: {what}"]


@pytest.mark.parametrize("again", [0.02, 1.0, LATER], ids=["meanwhile", "on its way", "when it has ended"])
@pytest.mark.parametrize(
    ("shape", "given"),
    [("XT", {"rejected": ["b"], "broken": ["a.compensation"]}), ("T!XT", {"broken": ["b.action"]})],
)
def test_who_resumes_twice_hears_the_same_twice(style: str, shape: str, given: dict[str, Any], again: float) -> None:
    operations = [ControlOperation("resume", LATER), ControlOperation("resume", LATER + again)]
    run = held(simulation(saga(shape), style).run({**given, "repaired": LATER - 1}, operations=operations))
    assert answers(run, "resume") == ["obeyed", "obeyed"], str(run.trace)
    assert run.ending == ("COMPLETED" if "!" in shape else "COMPENSATED")


def test_a_saga_that_never_was_stuck_cannot_be_resumed(style: str) -> None:
    run = held(simulation(saga("TT"), style).run(operations=[ControlOperation("resume", LATER)]))
    assert answers(run, "resume") == ["saga 's-1' is not stuck, it is COMPLETED"]


def test_no_action_begins_after_the_deadline(style: str) -> None:
    late = Delay("b.action", seconds=25)
    run = held(simulation(saga("TTT", deadline=20), style).run(faults=[late]))
    assert (run.ending, [effect.step for effect in effects(run)]) == ("COMPENSATED", ["a", "a"])


def test_after_the_pivot_a_deadline_means_nothing(style: str) -> None:
    run = held(simulation(saga("T!T", deadline=20), style).run(faults=[Delay("b.action", seconds=25)]))
    assert run.ending == "COMPLETED"
