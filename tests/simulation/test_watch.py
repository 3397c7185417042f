"""The watchdog: whatever vanishes, at any step and in either style, the saga ends; what is only slow is left alone."""

import json
from collections.abc import Sequence
from typing import Any, Final

import pytest

from cdk_saga import Saga
from cdk_saga.testing import Cancel, ControlOperation, Crash, Fault, Lost, Run, Simulation, Stop, violations
from cdk_saga.testing.world import ORDER_REPETITIONS, World
from simulation.participants import effects, simulation
from simulation.search import STYLES
from simulation.shapes import saga

pytestmark = pytest.mark.parametrize("style", STYLES)
SILENT: Final = 4_000
"""Seconds; longer than any of these sagas takes when somebody works on it."""
LOOKS: Final = 12
SHAPES: Final = ("TTT", "XXX", "T(T|XT)T", "(T|X)", "T!XT", "T°X°")


def watched(definition: Saga, style: Any, looks: int = LOOKS) -> Simulation:
    """The simulation of a saga whose recovery looks after it on a schedule."""
    simulated = simulation(definition, style)
    prepare = simulated.prepare

    def with_a_schedule(world: World) -> None:
        prepare(world)
        event = json.dumps({"watchdog": {}})
        for n in range(looks):
            world.clock.after(SILENT * (n + 1) + 500, lambda: world.call_recovery(event))

    simulated.prepare = with_a_schedule
    return simulated


def metrics(run: Run, name: str) -> list[Any]:
    return [metric[name][0] for metric in run.metrics if name in metric]


def tasks(run: Run) -> Sequence[str]:
    return list(dict.fromkeys(entry.task for entry in run.trace.requests() if entry.task not in ("recovery", "caller")))


def lost_between(step: str, following: str, style: str) -> Lost:
    """After one step has happened and before the next one does."""
    return Lost(f"{following if style == 'choreographed' else step}.action")


def held(run: Run) -> Run:
    assert violations(run, effects(run)) == [], str(run.trace)
    return run


@pytest.mark.parametrize("shape", SHAPES)
def test_what_vanishes_at_any_step_is_found_and_driven_to_its_end(style: str, shape: str) -> None:
    definition = saga(shape)
    last = definition.all_steps[-1].name
    stuck = {"STUCK"} if any(step.pivot for step in definition.all_steps) else set[str]()
    for given, endings in (({}, set[str]()), ({"broken": [f"{last}.action"]}, stuck)):
        simulated = watched(definition, style)
        begun = simulated.run(given)
        for task in tasks(begun)[1 if style == "choreographed" else 0 :]:
            run = held(simulated.run(given, faults=[Lost(task)]))
            assert run.ending in {"COMPLETED", "COMPENSATED", *endings}, f"{task}\n{run.trace}"


@pytest.mark.parametrize("shape", ["TTT", "XT", "T!XT"])
def test_what_died_at_any_step_and_was_never_started_again_is_found(style: str, shape: str) -> None:
    """Recovery hears of it and dies at it, again and again, until AWS gives up."""
    simulated = watched(saga(shape), style)
    for task in tasks(simulated.run()):
        deaths: list[Fault] = [Crash("recovery", attempt=n, call=1, when="before") for n in range(1, 4)]
        run = simulated.run(faults=[Stop(task), *deaths])
        assert run.ending in {"COMPLETED", "COMPENSATED"}, f"{task}\n{run.trace}"


def cancelled_in_vain(shape: str, call: int, when: Any) -> Sequence[Fault]:
    """Recovery dies at a request of a cancel, and whenever somebody repeats it."""
    task = "b.action" if len(saga(shape).all_steps) > 1 else "a.action"
    again = (Crash("recovery", attempt=n, call=1, when="before") for n in range(2, ORDER_REPETITIONS + 2))
    return [Cancel(task, call=1), Crash("recovery", attempt=1, call=call, when=when), *again]


def made_by_the_cancel(shape: str, style: str, call: int) -> bool:
    """Whether a cancel makes so many requests."""
    cancel, *_ = cancelled_in_vain(shape, call, "before")
    requests = simulation(saga(shape), style).run(faults=[cancel]).trace.requests()
    return any((entry.task, entry.attempt, entry.call) == ("recovery", 1, call) for entry in requests)


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize("shape", ["X", "TT", "XX", "T(T|XT)T", "T°X°", "(T|X)"])
def test_a_cancel_whose_recovery_died_and_that_nobody_repeats_is_carried_out(style: str, shape: str) -> None:
    for call in range(1, 6):
        for when in ("before", "after"):
            faults = cancelled_in_vain(shape, call, when)
            if not made_by_the_cancel(shape, style, call):
                continue  # no recovery function would die of it, and the caller would not repeat the cancel
            run = held(watched(saga(shape), style).run(faults=faults))
            assert run.ending in {"COMPLETED", "COMPENSATED"}, f"{faults}\n{run.trace}"


def test_without_the_watchdog_a_cancel_may_hang(style: str) -> None:
    """Choreographed, whoever aborted it has to say so; an execution that is at work meets the fence by itself."""
    run = simulation(saga("TT"), style).run(faults=cancelled_in_vain("TT", call=2, when="after"))
    assert run.ending == {"choreographed": "COMPENSATING", "orchestrated": "COMPENSATED"}[style]


def test_a_saga_past_its_pivot_goes_forward_and_one_before_it_back(style: str) -> None:
    simulated = watched(saga("T!XT"), style)
    assert held(simulated.run(faults=[lost_between("b", "c", style)])).ending == "COMPLETED"
    assert held(watched(saga("TTT"), style).run(faults=[lost_between("b", "c", style)])).ending == "COMPENSATED"


def test_what_vanishes_after_something_was_skipped_is_found_too_and_ends_skipped(style: str) -> None:
    lost = {"choreographed": Lost("a.compensation"), "orchestrated": Lost("a.action", attempt=2)}[style]
    given = {"rejected": ["c"], "broken": ["b.compensation"]}
    skipped = ControlOperation("skip", SILENT / 2, step="b", reason="by phone")
    run = held(watched(saga("XTT"), style).run(given, faults=[lost], operations=[skipped]))
    assert (run.ending, metrics(run, "TakenOver")) == ("PARTIALLY_COMPENSATED", [1])


def test_a_saga_in_progress_is_late_but_not_taken_over(style: str) -> None:
    run = held(watched(saga("TT"), style).run({"broken": ["b.action"], "repaired": 10_000}))
    assert metrics(run, "TakenOver") == []


def test_the_watchdog_counts_what_is_late_and_what_it_takes_over(style: str) -> None:
    run = held(watched(saga("TT"), style).run(faults=[lost_between("a", "b", style)]))
    assert (metrics(run, "Late")[0], metrics(run, "TakenOver")) == (1, [1])
    assert metrics(run, "Late")[-1] == 0


def in_vain(style: str) -> Sequence[Fault]:
    """Whatever the watchdog sets going is lost again."""
    never = {"choreographed": ("b.action", "b.compensation"), "orchestrated": ("a.action",)}[style]
    return [Lost(task, attempt=n) for task in never for n in range(1, 9)]


def test_a_saga_taken_over_in_vain_is_stuck_and_somebody_is_told(style: str) -> None:
    run = watched(saga("TT"), style).run(faults=in_vain(style))
    assert (run.ending, metrics(run, "TakenOver")) == ("STUCK", [1, 1, 1, 1])
    assert {metric["step"] for metric in run.metrics if "Stuck" in metric and "step" in metric} == {"a"}


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_watchdog_that_dies_at_whatever_it_does_leaves_it_to_the_next_look(style: str, when: Any) -> None:
    """Nobody repeats a look, and no message or execution is left that could: also when it asks for somebody's help."""
    simulated = watched(saga("TT"), style)
    without = simulated.run(faults=in_vain(style))
    for done in without.trace.requests():
        if done.task == "recovery" and not done.what.endswith("Query"):
            death = Crash("recovery", attempt=done.attempt, call=done.call, when=when)
            run = held(simulated.run(faults=[*in_vain(style), death]))
            assert run.ending == "STUCK", f"{death}\n{run.trace}"


def test_an_ending_that_nobody_was_told_of_is_no_business_of_the_watchdog_and_told_on_order(style: str) -> None:
    """It was committed, its caller died before publishing, and then its message, or execution, was lost."""

    def run(*operations: ControlOperation) -> Run:
        simulated = watched(saga("TT"), style)
        prepare = simulated.prepare

        def with_a_loss(world: World) -> None:
            prepare(world)
            world.clock.after(LOSS, lambda: lose_everything(world))

        simulated.prepare = with_a_loss
        return simulated.run(faults=[Crash("b.action", call=1, when="after")], operations=operations)

    unpublished = run()
    assert (unpublished.ending, unpublished.announced, metrics(unpublished, "TakenOver")) == ("COMPLETED", [], [])
    told = held(run(ControlOperation("retry", SILENT * LOOKS)))
    assert [event.detail_type for event in told.announced] == ["saga.completed"]


LOSS: Final = 1.0
"""Seconds after the start: the last step is done, and its second delivery, or attempt, has not begun."""


def lose_everything(world: World) -> None:
    """Somebody purges every queue and deletes every execution."""
    for queue in world.queues.by_name.values():
        queue.messages.clear()
    for execution in list(world.states.executions.values()):
        world.states.delete(execution)
