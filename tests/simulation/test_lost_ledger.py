"""The ledger's table is replaced or restored while a saga runs: STUCK by name, and never an ending that is not so."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import pytest

from cdk_saga.testing import ControlOperation, Run, Schedule
from cdk_saga.testing.clock import START
from cdk_saga.testing.faults import Fault
from cdk_saga.testing.world import LEDGER, World
from simulation.participants import effects, simulation
from simulation.search import STYLES
from simulation.shapes import saga

Json = dict[str, Any]
REJECTED: Json = {"rejected": ["c"]}
BROKEN: Json = {"broken": ["c.action"]}
ASKED: Json = {"pending": ["b"], "answers": [["b", "complete", 50]], "rejected": ["c"]}
CASES = [
    pytest.param("TTT", REJECTED, (), id="the last step is rejected"),
    pytest.param("XXX", REJECTED, (), id="the last external step is rejected"),
    pytest.param("TXT", BROKEN, (), id="the last step fails"),
    pytest.param("XTX~", REJECTED, (), id="compensation continues at failures"),
    pytest.param("T(T|X)", REJECTED, (), id="a member of a group is rejected"),
    pytest.param("TT?T", ASKED, (), id="a step waits for an answer"),
    pytest.param("TXT", BROKEN, (ControlOperation("cancel", after=2.5),), id="it is cancelled"),
]


def forget(world: World) -> None:
    """Empty the ledger."""
    for pk, sk in [*world.dynamodb.items(LEDGER)]:
        world.dynamodb.delete_item(TableName=LEDGER, Key={"pk": {"S": pk}, "sk": {"S": sk}})


def lost(shape: str, style: str, given: Json, at: float, operations: Sequence[ControlOperation] = ()) -> Run:
    """The run of a saga whose ledger is emptied some seconds after its start."""
    simulated = simulation(saga(shape), style)
    account = simulated.account

    def forgetful(schedule: Schedule, faults: Iterable[Fault] = (), saga_id: str = "s-1") -> World:
        world = account(schedule, faults, saga_id)
        world.clock.after(at, partial(forget, world))
        return world

    simulated.account = forgetful
    return simulated.run(given, operations=operations)


def left(run: Run) -> list[str]:
    """The steps whose effects are there."""
    amounts: dict[str, int] = {}
    for effect in effects(run):
        amounts[effect.step] = amounts.get(effect.step, 0) + effect.amount
    return [step for step, amount in amounts.items() if amount]


def moments(shape: str, style: str, given: Json, operations: Sequence[ControlOperation]) -> list[float]:
    """Right after each request that follows the first effect."""
    run = simulation(saga(shape), style).run(given, operations=operations)
    first = effects(run)[0].at
    return [at - START + 0.0001 for at in sorted({entry.at for entry in run.trace.requests() if entry.at > first})]


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("shape", "given", "operations"), CASES)
def test_a_ledger_that_forgets_at_any_moment_ends_no_saga_wrongly(
    shape: str, given: Json, operations: Sequence[ControlOperation], style: str
) -> None:
    for at in moments(shape, style, given, operations):
        run = lost(shape, style, given, at, operations)
        told = [event.detail_type for event in run.announced]
        if left(run):
            assert (run.ending, told[-1:]) == ("STUCK", ["saga.stuck"]), f"forgotten after {at} s: {run.trace}"


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("shape", "given", "operations"), CASES)
def test_an_operator_resumes_by_what_the_commands_knew(
    shape: str, given: Json, operations: Sequence[ControlOperation], style: str
) -> None:
    at = effects(lost(shape, style, given, 1e6, operations))[1].at - START + 0.0001
    run = lost(shape, style, given, at, [*operations, ControlOperation("resume", after=100_000)])
    assert (run.ending, run.dead_letters) == ("PARTIALLY_COMPENSATED", [])
    assert set(left(run)) <= {"b"}, "what a step did of which no command knew"
    assert not left(run) or "(" in shape or "?" in shape


@pytest.mark.parametrize("style", STYLES)
def test_an_operator_skips_what_the_commands_knew(style: str) -> None:
    run = lost("TTT", style, BROKEN, 0.5, [ControlOperation("skip", after=100_000, step="b", reason="undone by hand")])
    assert (run.ending, left(run), run.skipped) == ("PARTIALLY_COMPENSATED", ["b"], ["b"])


@pytest.mark.parametrize("style", STYLES)
def test_a_lost_saga_is_stuck_by_name_and_alarms(style: str) -> None:
    run = lost("TXT", style, BROKEN, 0.5)
    meta = run.ledger["META"]
    assert (run.stuck, meta["st"]) == (["b", "a"], "STUCK")
    assert "of which the ledger knows nothing" in meta["err"]
    assert [metric["Stuck"] for metric in run.metrics if "Stuck" in metric]
    assert bool(run.dead_letters) == (style == "choreographed")


@pytest.mark.parametrize("style", STYLES)
def test_cancelling_a_lost_saga_does_not_say_that_it_is_compensated(style: str) -> None:
    run = lost("TXT", style, BROKEN, 0.5, [ControlOperation("cancel", after=0.8)])
    assert (run.ending, left(run)) == ("STUCK", ["a", "b"])
