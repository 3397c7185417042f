"""Functions without concurrency: deliveries that reach no handler use no attempt, and both styles end the same."""

import json
from dataclasses import replace

import pytest

from cdk_saga.testing import NoConcurrency, Run, Schedule, Stop, violations
from cdk_saga.testing.clock import START
from cdk_saga.testing.world import ASYNC_AGE
from simulation.participants import effects, simulation
from simulation.search import STYLES, Scenario, expected
from simulation.shapes import saga

SHAPES = ("TT", "XX", "T!X", "T(T|X)", "(X|X)T", "TX°")
MINUTES = (1, 5, 10, 20)
TASKS = ("a.action", "b.action", "a.compensation")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("shape", SHAPES)
def test_throttling_for_minutes_changes_no_ending(style: str, shape: str) -> None:
    """Also where the policy allows no further attempt."""
    last = [step.name for step in saga(shape).all_steps if not step.pivot][-1]
    for given in ({}, {"rejected": [last]}):
        scenario = Scenario(shape, style, given, attempts=0)
        run = scenario.runner()
        for task in TASKS:
            for minutes in MINUTES:
                struck = run([NoConcurrency(task, seconds=60.0 * minutes)])
                assert violations(struck, effects(struck)) == [], str(struck.trace)
                assert struck.ending == expected(scenario), f"{task} {minutes} min\n{struck.trace}"


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("shape", SHAPES)
def test_one_invocation_at_a_time_is_enough(style: str, shape: str) -> None:
    """Each function runs once at a time, in any order of events; a throttle of recovery lasts, too."""
    last = [step.name for step in saga(shape).all_steps if not step.pivot][-1]
    for given in ({}, {"rejected": [last]}):
        scenario = Scenario(shape, style, given)
        simulated = replace(simulation(saga(shape), style), concurrency=1)
        for seed in range(20):
            faults = [NoConcurrency(task, seconds=20.0 * (seed % 4)) for task in (*TASKS, "recovery")]
            run = simulated.run(given, faults=faults, schedule=Schedule.seeded(seed))
            assert violations(run, effects(run)) == [], str(run.trace)
            assert run.ending == expected(scenario), f"seed {seed}\n{run.trace}"


def throttled_relay(seconds: float) -> Run:
    scenario = Scenario("TT", "orchestrated", {})
    return scenario.runner()([Stop("a.action"), NoConcurrency("recovery", seconds=seconds)])


def test_an_asynchronous_invocation_waits_for_hours() -> None:
    run = throttled_relay(ASYNC_AGE - 600)
    assert (run.ending, violations(run, effects(run))) == ("COMPENSATED", []), str(run.trace)
    assert not any(entry.what.startswith("orders: redrive") for entry in run.trace.entries)
    assert run.world.clock.now > START + ASYNC_AGE - 600


def test_an_asynchronous_invocation_given_up_is_a_dead_letter_and_redriven() -> None:
    run = throttled_relay(ASYNC_AGE + 300)
    assert (run.ending, violations(run, effects(run))) == ("COMPENSATED", []), str(run.trace)


def test_what_is_given_up_says_why() -> None:
    world = (
        Scenario("TT", "orchestrated", {})
        .simulated()
        .account(Schedule.calm(), [NoConcurrency("recovery", seconds=10 * ASYNC_AGE)])
    )
    world.call_recovery(json.dumps({"n": 1}))
    world.clock.run(1000)
    (dead_letter,) = world.dead.messages.values()
    kept = json.loads(dead_letter.body)
    assert (kept["requestContext"]["condition"], kept["requestPayload"]) == ("EventAgeExceeded", {"n": 1})
