"""What a starter may bring about: its own saga, by the deployed definition, from an id and an input."""

import json
from typing import Any

import pytest

from cdk_saga.testing import Run, violations
from cdk_saga.testing.clock import START
from cdk_saga.testing.world import World
from saga_runtime.client import Target, start
from saga_runtime.errors import InputMismatch
from saga_runtime.services import Services
from simulation.attacks import NAME, Attack, attacked, execute, publish, started
from simulation.participants import effects, simulation
from simulation.search import STYLES
from simulation.shapes import saga

Json = dict[str, Any]
SHAPES = ("TX", "XT", "(T|X)T", "T?T")
OLD = "0123456789ab"
FORGED: dict[str, Json] = {
    "results": {"results": {"a": {"done": "a"}, "b": {"charged": "x"}}},
    "a result that the first compensation would use": {"results": {"a": {"pieces": 500_000}}},
    "another saga's name": {"name": "victim"},
    "a step to go back from": {"compensate_from": "a"},
    "no input": {"input": None},
    "another schema": {"schema": "saga/2"},
}
HARMLESS: dict[str, Json] = {
    "a time before all calendars": {"started": -(10**20)},
    "a time after all calendars": {"started": 10**20},
    "a deadline that is over": {"deadline": 1},
    "a failure": {"failure": {"step": "a", "outcome": "unknown", "Error": "E", "Cause": "c", "recorded": True}},
    "a version that is gone": {"version": OLD},
    "the fields of an earlier client": {"version": OLD, "results": {}, "started": 5, "deadline": None, "failure": None},
    "a start of its own": {"start": {"execution": "s-2", "event": "saga.started.x", "at": "1999-01-01T00:00:00Z"}},
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_a_start_with_more_than_id_and_input_changes_nothing(forged: Json, shape: str, style: str) -> None:
    run = started(shape, style, forged)
    assert (effects(run), run.ledger, run.announced) == ([], {}, [])
    assert run.dead_letters


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("said", HARMLESS.values(), ids=HARMLESS)
def test_what_a_starter_says_of_time_and_version_is_ignored(said: Json, shape: str, style: str) -> None:
    run = started(shape, style, said)
    assert (run.ending, violations(run, effects(run))) == ("COMPLETED", [])
    meta = run.ledger["META"]
    assert (meta["v"], int(meta["at"])) == (run.saga.version, int(START))


@pytest.mark.parametrize("style", STYLES)
def test_the_deployment_sets_the_deadline(style: str) -> None:
    simulated = simulation(saga("TX", deadline=60), style)
    meta = simulated.run().ledger["META"]
    assert int(meta["dl"]) == int(meta["at"]) + 60


class Wire:
    """AWS, as far as a starter calls it: keeps what it was sent."""

    def __init__(self) -> None:
        self.sent: list[Json] = []

    def __call__(self, _service: str) -> Any:
        return self

    def put_events(self, Entries: list[Json]) -> Json:  # noqa: N803 # AWS's own name
        self.sent += Entries
        return {"FailedEntryCount": 0}

    def start_execution(self, **parameters: Any) -> None:
        self.sent.append(parameters)


def sent(style: Any, clock: float, *, deadline: int) -> Json:
    """All that the client sends to start a saga, at a time by its own clock."""
    wire = Wire()
    target = Target(name=NAME, version="v", style=style, where="x", deadline=deadline)
    start(target, "s-1", {}, services=Services(now=lambda: clock, client=wire))
    (request,) = wire.sent
    return request


@pytest.mark.parametrize("hours", [-24, -2, 2, 24])
@pytest.mark.parametrize("style", STYLES)
def test_a_starters_clock_changes_nothing(style: str, hours: int) -> None:
    """The deadline counts from a time of AWS's, which the client neither sends nor reads."""
    request = sent(style, START + 3600 * hours, deadline=60)
    assert request == sent(style, START, deadline=60)
    message = json.loads(request["Detail" if style == "choreographed" else "input"])
    simulated = simulation(saga("TX", deadline=60), style)

    def command(world: World, given: Json) -> Json:
        return message if world and not given else {}

    simulated.command = command
    run = simulated.run()
    assert (run.ending, int(run.ledger["META"]["at"])) == ("COMPLETED", int(START))
    assert int(run.ledger["META"]["dl"]) == int(START) + 60


def outcome(run: Run) -> tuple[Any, ...]:
    """What matters of a run: how it ended, what its effects are, and what the bus was told."""
    amounts = [(effect.step, effect.amount) for effect in effects(run)]
    return run.ending, amounts, [event.detail_type for event in run.announced]


FOREIGN: Json = {"schema": "saga/1", "name": "order", "id": "s-1", "input": {"of": "somebody else"}}


def state(**forged: Any) -> Json:
    """A whole saga state of the victim, with its own input."""
    own = {"schema": "saga/1", "name": "order", "id": "s-1", "input": {}, "results": {}, "failure": None}
    return {**own, "version": saga("TX").version, "started": int(START), "deadline": None, **forged}


ATTACKS: dict[str, Attack] = {
    "an execution beside it": execute("s-1.1", state()),
    "an execution that goes back": execute("s-1.0123456789a", state(back="b")),
    "an execution past its deadline": execute("s-1.r1", state(deadline=1)),
    "an execution that knows results": execute("s-1.x", state(results={"a": {"pieces": 500_000}})),
}
EVENTS: dict[str, Attack] = {
    "another input": publish("saga.started", FOREIGN),
    "the same input": publish("saga.started", {**FOREIGN, "input": {}}),
    "a whole state": publish("saga.started", state(results={"a": {"pieces": 500_000}}, deadline=1)),
    "a failure": publish("saga.started", state(failure={"step": "a", "outcome": "unknown"})),
}


@pytest.mark.parametrize("at", [0.5, 30.0, 5000.0])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("style", "attack"),
    [
        *(pytest.param("orchestrated", attack, id=what) for what, attack in ATTACKS.items()),
        *(pytest.param("choreographed", attack, id=what) for what, attack in EVENTS.items()),
    ],
)
def test_a_starter_changes_nothing_of_another_saga(style: str, attack: Attack, shape: str, at: float) -> None:
    given = {"pending": ["a"], "answers": [["a", "complete", 50]]} if "?" in shape else None
    calm, run = (attacked(shape, style, one, at=at, given=given) for one in (None, attack))
    assert outcome(run) == outcome(calm)


def test_an_id_taken_by_a_raw_execution_is_an_input_mismatch() -> None:
    run = started("TX", "orchestrated", {"input": None})
    services = Services(client=run.world.client, now=lambda: START)
    machine = next(iter(run.world.states.machines))
    target = Target(name="order", version="v", style="orchestrated", where=machine, ledger="ledger")
    with pytest.raises(InputMismatch, match="'s-1' has been started with another input"):
        start(target, "s-1", {"n": 1}, services=services)
