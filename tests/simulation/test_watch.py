"""The watch: whatever vanishes, at any step and in either style, the saga ends; what is only slow is left alone."""

import json
from collections.abc import Sequence
from typing import Any, Final

import pytest

from cdk_saga import Saga
from cdk_saga.testing import Crash, Fault, Lost, Run, Simulation, Stop, violations
from cdk_saga.testing.world import World
from simulation.participants import effects, simulation
from simulation.search import STYLES
from simulation.shapes import saga

pytestmark = pytest.mark.parametrize("style", STYLES)
SILENT: Final = 4_000
"""Seconds; longer than any of these sagas takes when somebody works on it."""
LOOKS: Final = 12
SHAPES: Final = ("TTT", "XXX", "T(T|XT)T", "(T|X)", "T!XT", "T°X°")


def watched(definition: Saga, style: Any, looks: int = LOOKS) -> Simulation:
    """The simulation of a saga whose relay looks after it on a schedule."""
    simulated = simulation(definition, style)
    prepare = simulated.prepare

    def with_a_schedule(world: World) -> None:
        prepare(world)
        event = json.dumps({"watch": {"late": SILENT, "silent": SILENT}})
        for n in range(looks):
            world.clock.after(SILENT * (n + 1) + 500, lambda: world.call_relay(event))

    simulated.prepare = with_a_schedule
    return simulated


def metrics(run: Run, name: str) -> list[Any]:
    return [metric[name][0] for metric in run.metrics if name in metric]


def tasks(run: Run) -> Sequence[str]:
    return list(dict.fromkeys(entry.task for entry in run.trace.requests() if entry.task not in ("relay", "caller")))


def lost_between(step: str, following: str, style: str) -> Lost:
    """After one step has happened and before the next one does."""
    return Lost(f"{following if style == 'choreographed' else step}.action")


def held(run: Run) -> Run:
    assert violations(run, effects(run)) == [], str(run.trace)
    return run


@pytest.mark.parametrize("shape", SHAPES)
def test_what_vanishes_at_any_step_is_found_and_driven_to_its_end(style: str, shape: str) -> None:
    definition = saga(shape)
    last = definition.steps[-1].name
    stuck = {"STUCK"} if any(step.pivot for step in definition.steps) else set[str]()
    for given, endings in (({}, set[str]()), ({"broken": [f"{last}.action"]}, stuck)):
        simulated = watched(definition, style)
        begun = simulated.run(given)
        for task in tasks(begun)[1 if style == "choreographed" else 0 :]:
            run = held(simulated.run(given, faults=[Lost(task)]))
            assert run.ending in {"COMPLETED", "COMPENSATED", *endings}, f"{task}\n{run.trace}"


@pytest.mark.parametrize("shape", ["TTT", "XT", "T!XT"])
def test_what_died_at_any_step_and_was_never_started_again_is_found(style: str, shape: str) -> None:
    """The relay hears of it and dies at it, again and again, until AWS gives up."""
    simulated = watched(saga(shape), style)
    for task in tasks(simulated.run()):
        deaths: list[Fault] = [Crash("relay", attempt=n, call=1, when="before") for n in range(1, 4)]
        run = simulated.run(faults=[Stop(task), *deaths])
        assert run.ending in {"COMPLETED", "COMPENSATED"}, f"{task}\n{run.trace}"


def test_a_saga_past_its_pivot_goes_forward_and_one_before_it_back(style: str) -> None:
    simulated = watched(saga("T!XT"), style)
    assert held(simulated.run(faults=[lost_between("b", "c", style)])).ending == "COMPLETED"
    assert held(watched(saga("TTT"), style).run(faults=[lost_between("b", "c", style)])).ending == "COMPENSATED"


def test_a_saga_that_somebody_works_on_is_late_but_not_taken_over(style: str) -> None:
    run = held(watched(saga("TT"), style).run({"broken": ["b.action"], "repaired": 10_000}))
    assert metrics(run, "TakenOver") == []


def test_the_watch_counts_what_is_late_and_what_it_takes_over(style: str) -> None:
    run = held(watched(saga("TT"), style).run(faults=[lost_between("a", "b", style)]))
    assert (metrics(run, "Late")[0], metrics(run, "TakenOver")) == (1, [1])
    assert metrics(run, "Late")[-1] == 0


def test_a_saga_taken_over_in_vain_is_stuck_and_somebody_is_told(style: str) -> None:
    never = {"choreographed": ("b.action", "b.compensation"), "orchestrated": ("a.action",)}[style]
    run = watched(saga("TT"), style).run(faults=[Lost(task, attempt=n) for task in never for n in range(1, 9)])
    assert (run.ending, metrics(run, "TakenOver")) == ("STUCK", [1, 1, 1, 1])
    assert {metric["step"] for metric in run.metrics if "Stuck" in metric and "step" in metric} == {"a"}
