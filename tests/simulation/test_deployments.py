"""Whatever is deployed around a saga, at any moment, it is not lost and ends as it should, in either style.

Deployed are: another definition that keeps the earlier one, a rollback of that, another function for a participant,
the other style, that and back, and another table for the ledger, empty or restored.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pytest

from cdk_saga import Saga
from cdk_saga.testing import ControlOperation, Deployment, Run, Simulation, violations
from cdk_saga.testing.clock import START
from cdk_saga.testing.deployments import StyleName
from cdk_saga.testing.world import World
from saga_runtime.recovery import Executions
from saga_runtime.recovery.executions import version_of
from simulation.participants import effects, simulation
from simulation.search import STYLES
from simulation.shapes import saga

SILENT: Final = 4_000
"""Seconds without activity after which the watchdog takes over."""
LOOKS: Final = 6
OTHER: Final[Mapping[str, StyleName]] = {"choreographed": "orchestrated", "orchestrated": "choreographed"}
BOTH: Final = frozenset({"own", "outside"})
Json = dict[str, Any]
Changes = Callable[[str, str, float], Sequence[Deployment]]


def newer(shape: str) -> Saga:
    """The same with one more step."""
    return saga(f"{shape.removesuffix('~')}T{'~' * shape.endswith('~')}")


def definition(shape: str, _style: str, at: float) -> Sequence[Deployment]:
    return [Deployment(after=at, saga=newer(shape), previous_versions=(saga(shape),))]


def rollback(shape: str, style: str, at: float) -> Sequence[Deployment]:
    back = Deployment(after=at + 0.02, saga=saga(shape), previous_versions=(newer(shape),))
    return [*definition(shape, style, at), back]


def function(_shape: str, _style: str, at: float) -> Sequence[Deployment]:
    return [Deployment(after=at, replaced=BOTH)]


def definition_and_function(shape: str, style: str, at: float) -> Sequence[Deployment]:
    return [*function(shape, style, at), *rollback(shape, style, at + 0.01)]


def style_swapped(_shape: str, style: str, at: float) -> Sequence[Deployment]:
    return [Deployment(after=at, style=OTHER[style])]


def swapped_and_back(shape: str, style: str, at: float) -> Sequence[Deployment]:
    return [*style_swapped(shape, style, at), *style_swapped(shape, OTHER[style], at + 0.03)]


def ledger_lost(_shape: str, _style: str, at: float) -> Sequence[Deployment]:
    return [Deployment(after=at, ledger_as_of=0)]


def ledger_restored(_shape: str, _style: str, at: float) -> Sequence[Deployment]:
    return [Deployment(after=at, ledger_as_of=at * 0.6)]


SWAPS: Final = (style_swapped, swapped_and_back)
CHANGES: Final = (definition, rollback, function, definition_and_function, style_swapped, swapped_and_back)
REQUESTS: Final[Mapping[str, Sequence[Json]]] = {
    "TX": ({}, {"rejected": ["b"]}, {"broken": ["b.action"]}),
    "XT!T": ({}, {"rejected": ["b"]}),
    "T(X|T)T": ({}, {"rejected": ["d"]}),
    "TT?T": (
        {"pending": ["b"], "answers": [["b", "complete", 50]]},
        {"pending": ["b"], "answers": [["b", "reject", 50]]},
    ),
    "TX~": ({"rejected": ["b"], "broken": ["a.compensation"], "repaired": 2_000},),
}


def watched(shape: str, style: str) -> Simulation:
    """A saga whose recovery looks after it on a schedule."""
    simulated = simulation(saga(shape), style)
    prepare = simulated.prepare

    def with_a_schedule(world: World) -> None:
        prepare(world)
        event = json.dumps({"watchdog": {}})
        for n in range(LOOKS):
            world.clock.after(SILENT * (n + 1) + 500, lambda: world.call_recovery(event))

    simulated.prepare = with_a_schedule
    return simulated


def moments(run: Run) -> Iterator[float]:
    """Just before each request of an undisturbed run, and long after the last one before a pause."""
    times = sorted({entry.at - START for entry in run.trace.requests()})
    yield from (max(at - 0.0015, 0.0005) for at in times if at < SILENT)


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize("shape", REQUESTS)
@pytest.mark.parametrize("changes", CHANGES, ids=[change.__name__ for change in CHANGES])
@pytest.mark.parametrize("style", STYLES)
def test_a_deployment_at_any_moment_loses_no_saga_and_ends_none_wrongly(
    style: str, changes: Changes, shape: str
) -> None:
    simulated, resumed = watched(shape, style), [ControlOperation("resume", 3_000)] if shape.endswith("~") else []
    for given in REQUESTS[shape]:
        for at in moments(simulated.run(given, operations=resumed)):
            run = simulated.run(given, operations=resumed, deployments=changes(shape, style, at))
            if run.ledger.get("META", {}).get("v") == newer(shape).version:
                run = replace(run, saga=newer(shape))  # its starter knew the version before, and it began with this one
            if changes in SWAPS and not run.ledger:
                continue  # its start was in a queue that the swap deleted: starters are stopped first
            assert violations(run, effects(run)) == [], f"{given} at {at}\n{run.trace}"
            assert run.ending in {"COMPLETED", "COMPENSATED"}, f"{given} at {at}\n{run.trace}"


def breaks(style: str, changes: Changes, shape: str, given: Json) -> bool:
    """Whether any moment of a deployment shows something wrong."""
    simulated = watched(shape, style)
    for at in moments(simulated.run(given)):
        run = simulated.run(given, deployments=changes(shape, style, at))
        if run.ledger and (violations(run, effects(run)) or run.ending not in {"COMPLETED", "COMPENSATED"}):
            return True
    return False


def published_machine_again(patch: pytest.MonkeyPatch) -> None:
    """A saga is always run again on the machine that it started on."""
    patch.setattr(Executions, "_machine_for", lambda _self, _command, execution: version_of(execution))


def stuck_although_replaced(patch: pytest.MonkeyPatch) -> None:
    """An execution that failed on functions which are gone needs an operator."""
    patch.setattr(Executions, "_is_superseded", lambda *_: False)


MISTAKES: Final[Mapping[Callable[[pytest.MonkeyPatch], None], tuple[str, Changes, str, Json]]] = {
    published_machine_again: ("orchestrated", function, "TX", {}),
    stuck_although_replaced: ("orchestrated", function, "TX", {"rejected": ["b"]}),
}


@pytest.mark.parametrize(("mistake", "where"), MISTAKES.items(), ids=[mistake.__name__ for mistake in MISTAKES])
def test_a_mistake_with_deployments_is_caught(
    mistake: Callable[[pytest.MonkeyPatch], None],
    where: tuple[str, Changes, str, Json],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not breaks(*where)
    mistake(monkeypatch)
    assert breaks(*where), mistake.__doc__


USED_UP: Final[Mapping[str, Sequence[Json]]] = {
    "TX": ({"rejected": ["b"], "broken": ["a.compensation"], "repaired": 2_000},),
    "TXT": ({"rejected": ["c"], "broken": ["b.compensation"], "repaired": 2_000},),
}
"""Sagas that stop at their first compensation: what the execution knew is then in no command."""
LEDGER_REQUESTS: Final = [(shape, given) for requests in (REQUESTS, USED_UP) for shape, given in requests.items()]


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize(("shape", "requests"), LEDGER_REQUESTS)
@pytest.mark.parametrize("changes", [ledger_lost, ledger_restored], ids=["lost", "restored"])
@pytest.mark.parametrize("style", STYLES)
def test_a_ledger_that_forgets_publishes_nothing_that_is_not_so(
    style: str, changes: Changes, shape: str, requests: Sequence[Json]
) -> None:
    simulated = watched(shape, style)
    for given in requests:
        for at in moments(simulated.run(given)):
            run = simulated.run(given, deployments=changes(shape, style, at))
            assert violations(run, effects(run)) == [], f"{given} at {at}\n{run.trace}"


def wrong_with_a_lost_ledger(shape: str, given: Json) -> list[str]:
    """What is wrong when the ledger of an orchestrated saga is emptied at any moment."""
    simulated = watched(shape, "orchestrated")
    lost = [ledger_lost(shape, "orchestrated", at) for at in moments(simulated.run(given))]
    runs = [simulated.run(given, deployments=change) for change in lost]
    return [wrong for run in runs for wrong in violations(run, effects(run))]


@pytest.mark.parametrize("shape", USED_UP)
def test_recovery_reads_what_a_failed_execution_knew(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (given,) = USED_UP[shape]
    assert wrong_with_a_lost_ledger(shape, given) == []
    monkeypatch.setattr("saga_runtime.recovery.executions.results_known", lambda *_: {})
    assert "saga.compensated was published" in str(wrong_with_a_lost_ledger(shape, given))


def test_a_compensation_that_raises_sees_that_the_ledger_forgot(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"rejected": ["b"], "broken": ["a.compensation"], "repaired": 2_000}
    monkeypatch.setattr("saga_runtime.recovery.executions.results_known", lambda *_: {})
    simulated, change = watched("TX~", "orchestrated"), ledger_lost("TX~", "orchestrated", 0.025)
    run = simulated.run(given, deployments=change)
    assert (violations(run, effects(run)), run.ending) == ([], "STUCK")
    monkeypatch.setattr("saga_runtime.ledger.local.check_known", lambda *_: None)
    run = simulated.run(given, deployments=change)
    assert violations(run, effects(run)) == ["saga.compensated was published, but the effect of ['a'] is still there"]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("answer", "ending"), [("complete", "saga.completed"), ("reject", "saga.compensated")])
def test_an_answer_after_a_swap_of_the_style_is_taken_at_once(style: str, answer: str, ending: str) -> None:
    given = {"pending": ["b"], "answers": [["b", answer, 50]]}
    run = watched("TT?T", style).run(given, deployments=style_swapped("TT?T", style, 30))
    assert violations(run, effects(run)) == [], str(run.trace)
    assert [(event.detail_type, event.at < START + SILENT) for event in run.announced] == [(ending, True)]
