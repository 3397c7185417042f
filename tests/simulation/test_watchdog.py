"""The watchdog among 100,000 sagas that wait: what is lost is found within two looks, whatever its state."""

import json
from typing import Any, Final, NamedTuple

import pytest

from cdk_saga import Saga
from cdk_saga.testing import Fault, Lost, Run, Schedule, Simulation, violations
from cdk_saga.testing.world import LEDGER, World
from saga_runtime.ledger.items import saga_key, stored, view_key
from simulation import shapes
from simulation.mutants import watchdog
from simulation.participants import effects, simulation
from simulation.search import STYLES
from simulation.test_watch import SILENT, metrics

MANY: Final = 100_000
ALIVE: Final = 400
"""More than one look has time for, and fewer than two."""
SECONDS: Final = 0.02
"""That a request to DynamoDB takes."""
WAITS: Final = 2 * 24 * 3600
FIRST: Final = SILENT + 500
"""Seconds after the start of the first look."""
REQUESTS: Final = 100
"""More than a look makes that takes over four sagas: 16 of the watchdog's index, 48 that count, a few for each saga."""
SHAPE: Final = "TT?T!X"
LOST: Final[dict[str, tuple[str, dict[str, Any], str]]] = {
    "RUNNING": ("c.action", {}, "COMPENSATED"),
    "COMPENSATING": ("b.compensation", {"rejected": ["c"]}, "COMPENSATED"),
    "COMMITTED": ("d.action", {}, "COMPLETED"),
}
"""In which state a saga vanishes: at which task, with which input, and how it has to end."""


class Steady(Schedule):
    """Every request takes the same time."""

    def request(self) -> float:
        return SECONDS


class Look(NamedTuple):
    """What one look asked of DynamoDB, and how long it took."""

    requests: int
    seconds: float


@pytest.fixture
def definition(monkeypatch: pytest.MonkeyPatch) -> Saga:
    monkeypatch.setattr(shapes, "WAITS", WAITS)
    return shapes.saga(SHAPE)


def watched(definition: Saga, style: Any, items: dict[Any, Any], looks: int = 2) -> Simulation:
    """A saga in a ledger with others, and the watchdog looks so often."""
    simulated = simulation(definition, style)
    prepare = simulated.prepare

    def with_others(world: World) -> None:
        prepare(world)
        world.dynamodb.load({**world.dynamodb.contents(), **items})
        for n in range(looks):
            world.clock.after(FIRST + 300 * n, lambda: world.call_recovery(json.dumps({"watchdog": {}})))

    simulated.prepare = with_others
    return simulated


def waiting(definition: Saga, number: int, after: float = 50, **changed: int) -> dict[Any, Any]:
    """The items of so many sagas whose second step waits for an answer, as the runtime has written those of one."""
    seen: dict[Any, Any] = {}
    simulated = simulation(definition, "choreographed")
    prepare = simulated.prepare

    def with_a_look(world: World) -> None:
        prepare(world)
        world.clock.after(after, lambda: seen.update(world.dynamodb.items(LEDGER)))

    simulated.prepare = with_a_look
    simulated.run({"pending": ["b"]})
    known = {sk: raw for (_, sk), raw in seen.items()}
    assert (known["META"]["st"], known["STEP#0#b"]["st"]) == ({"S": "RUNNING"}, {"S": "PENDING"})
    items: dict[Any, Any] = {}
    for one in range(number):
        name, saga_id = definition.name, f"w-{one}"
        pk, view = saga_key(name, saga_id), view_key(name, "RUNNING", f"{one % 16:x}")
        own = {"view": view, "wd": f"{name}#{view[-1]}", **changed}
        meta = {**known["META"], **{key: stored(value) for key, value in own.items()}}
        # Its steps are read only where the watchdog looks at it.
        steps = {sk: raw for sk, raw in known.items() if sk != "META"} if changed else {}
        for sk, raw in {"META": meta, **steps}.items():
            items[LEDGER, (pk, sk)] = {**raw, "pk": stored(pk), "sk": stored(sk)}
    return items


def fault(style: str, state: str) -> Fault:
    """What lets a saga vanish in a state: choreographed the next message, orchestrated the execution."""
    task, *_ = LOST[state]
    if style == "orchestrated" and not task.endswith("compensation"):
        task = {"c.action": "b.action", "d.action": "c.action"}[task]
    return Lost(task)


def lost(definition: Saga, style: Any, state: str) -> dict[Any, Any]:
    """The items of a saga that has vanished in a state, which is its id."""
    given = LOST[state][1]
    found = simulation(definition, style).run(given, faults=[fault(style, state)], saga_id=state)
    assert found.ending == state, str(found.trace)
    return {(LEDGER, key): raw for key, raw in found.world.dynamodb.items(LEDGER).items()}


def run(definition: Saga, style: str, items: dict[Any, Any], state: str) -> Run:
    """Lose one saga among others."""
    schedule = Steady(lambda _: 0, interleaved=True)
    return watched(definition, style, items).run(LOST[state][1], faults=[fault(style, state)], schedule=schedule)


def looks(found: Run) -> list[Look]:
    """What each look asked and how long it took, those requests included by which it takes over."""
    asked: dict[int, list[float]] = {}
    for entry in found.trace.requests():
        if entry.task == "recovery":
            asked.setdefault(entry.attempt, []).append(entry.at)
    return [Look(len(times), times[-1] - times[0] + SECONDS) for times in asked.values()]


@pytest.mark.long("a ledger of 100,000 sagas")
@pytest.mark.parametrize(("style", "many"), [("choreographed", MANY), ("orchestrated", MANY // 10)])
def test_what_is_lost_among_a_hundred_thousand_that_wait_is_found_within_two_looks(
    style: str, many: int, definition: Saga
) -> None:
    others = [lost(definition, style, state) for state in LOST]
    items = {key: raw for some in (waiting(definition, many), *others) for key, raw in some.items()}
    found = run(definition, style, items, "COMMITTED")
    ledger = found.world.dynamodb.items(LEDGER)
    endings = {state: ledger[saga_key(definition.name, state), "META"]["st"]["S"] for state in LOST}
    assert endings == {state: ending for state, (*_, ending) in LOST.items()}
    assert (found.ending, metrics(found, "TakenOver")) == ("COMPLETED", [4])
    assert looks(found)[0].requests < REQUESTS
    assert looks(found)[0].seconds < REQUESTS * (SECONDS + 0.002)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("state", LOST)
def test_sagas_that_are_alive_unknown_to_the_index_are_looked_at_once(style: str, state: str, definition: Saga) -> None:
    found = run(definition, style, waiting(definition, ALIVE, alive=0), state)
    assert violations(found, effects(found)) == [], str(found.trace)
    assert (found.ending, metrics(found, "TakenOver")) == (LOST[state][2], [1])
    assert looks(found)[0].seconds < 15
    left = [raw for raw in found.world.dynamodb.items(LEDGER).values() if raw.get("alive") == stored(0)]
    assert left == []


@pytest.mark.parametrize("mutant", [watchdog.callbacks_untold, watchdog.always_from_the_beginning])
def test_a_watchdog_that_starves_is_caught(mutant: Any, definition: Saga, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant(monkeypatch)
    changed = {"alive": 0} if mutant is watchdog.always_from_the_beginning else {}
    found = run(definition, "choreographed", waiting(definition, 2_000, **changed), "COMMITTED")
    assert found.ending == "COMMITTED", mutant.__doc__
