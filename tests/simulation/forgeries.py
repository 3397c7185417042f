"""Every message that a principal without trust can send beside a saga, each of its fields mutated.

A starter starts executions and publishes ``saga.started``; a webhook invokes the recovery function's alias ``answer``;
another service publishes events of its own source. None of it has an effect on another saga, announces an ending that
is not so, or hides a saga.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from cdk_saga.testing import Run
from cdk_saga.testing.clock import START
from cdk_saga.testing.run import TOLD_AS
from cdk_saga.testing.world import LEDGER, RECOVERY, World
from simulation.attacks import Attack, attacked, execute
from simulation.participants import effects
from simulation.search import STYLES, Finding, Scenario, Tried
from simulation.shapes import saga

Json = dict[str, Any]
SHAPES: Final = ("TT", "XX", "(T|X)T")
VICTIM: Final = "s-1"
MOMENTS: Final = (0.02, 40.0, 6000.0)
"""Seconds after the victim's start: while it runs, while it retries, when all is over."""
NAMES: Final = ("s-1", "s-1.1", "s-1.0123456789", "s-1.0123456789r0", "s-1.x", "s-2", "s-2.1", "s-1a")
"""Of executions: the victim's, those that look like recovery's, others."""
VALUES: Final[tuple[Any, ...]] = (
    None, True, -1, 10**20, -(10**20), 1.5, "", VICTIM, "a#b", "x" * 300, [], ["a"], {}, {"a": {"pieces": 500_000}},
)  # fmt: skip
FIELDS: Final = (
    "schema",
    "name",
    "version",
    "id",
    "input",
    "results",
    "started",
    "deadline",
    "failure",
    "compensate_from",
    "start",
)
ORDERS: Final = ("cancel", "resume", "skip", "retry", "redrive", "complete", "reject", "", None)
GIVEN: Final[tuple[Json, ...]] = (
    {},
    {"rejected": ["b"]},
    {"broken": ["b.action"]},
    {"rejected": ["b"], "broken": ["a.compensation"]},
)


def scenarios(shapes: Sequence[str]) -> Iterator[Scenario]:
    """Victims that complete, go back, fail and are stuck."""
    return (Scenario(shape, style, given) for shape in shapes for style in STYLES for given in GIVEN)


def search(scenario: Scenario, stride: int = 1) -> Iterator[Tried]:
    """Send each message at each moment, or each ``stride``-th of them."""
    run = partial(attacked, scenario.shape, scenario.style, given=dict(scenario.given))
    calm = outcome(run(None))
    chosen = [(at, attack) for at in MOMENTS for attack in messages(scenario)]
    for i, (at, (what, attack)) in enumerate(chosen):
        if i % stride == 0:
            struck = run(attack, at=at)
            problems = [f"{what}, {at} s after the start: {text}" for text in found(calm, struck)]
            finding = Finding(scenario, (), problems, struck) if problems else None
            yield Tried((i,), scenario, (), struck, finding)


def messages(scenario: Scenario) -> Iterator[tuple[str, Attack]]:
    """What others can send, and what each is called."""
    forged = list(dict.fromkeys(json.dumps(message) for message in _starts(scenario)))
    if scenario.style == "orchestrated":
        yield from ((f"{name} starts {text}", _started(name, text)) for name in NAMES for text in forged)
    else:
        yield from ((f"saga.started {text}", _published("saga.order", "saga.started", text)) for text in forged)
        kinds = ("a.succeeded", "b.unknown", "saga.completed", "saga.started")
        state = json.dumps(_state(scenario))
        for source, kind in ((source, kind) for source in ("saga.other", "shop", "saga.orders") for kind in kinds):
            yield f"{source} {kind}", _published(source, kind, state)
    for event in _answers(scenario):
        yield f"answer {json.dumps(event)}", partial(_invoked, event=event)


def _starts(scenario: Scenario) -> Iterator[Json]:
    given = {"schema": "saga/1", "name": "order", "id": VICTIM, "input": dict(scenario.given)}
    for base in (given, _state(scenario)):
        yield base
        for field in FIELDS:
            yield {name: value for name, value in base.items() if name != field}
            yield from ({**base, field: value} for value in VALUES)


def _state(scenario: Scenario) -> Json:
    own = {"schema": "saga/1", "name": "order", "id": VICTIM, "input": dict(scenario.given), "results": {"a": {"x": 1}}}
    failure = {"step": "a", "outcome": "unknown", "Error": "E", "Cause": "c", "recorded": True}
    times = {"started": int(START), "deadline": 1}
    return {**own, **times, "version": saga(scenario.shape).version, "failure": failure, "compensate_from": "a"}


def _answers(scenario: Scenario) -> Iterator[Json]:
    for order in ORDERS:
        for step in ("a", "z", None):
            yield {"operation": order, "id": VICTIM, "step": step, "reason": "no", "result": {"x": 1}, "before": 10**15}
    state = _state(scenario)
    died = f"arn:aws:states:us-east-1:123456789012:execution:order:{VICTIM}"
    yield {"watch": {"late": 0, "silent": 0}}
    yield {"source": "aws.states", "detail": {"executionArn": died, "status": "ABORTED"}}
    yield {"source": "saga.order", "detail-type": "saga.completed", "detail": state}
    yield {"Records": [{"messageId": "m", "body": json.dumps(state), "attributes": {}, "eventSource": "aws:sqs"}]}
    yield {
        "operation": "redrive",
        "body": json.dumps({"source": "saga.order", "detail-type": "a.unknown", "detail": state}),
    }


def _started(name: str, text: str) -> Attack:
    def attack(world: World) -> None:
        with suppress(ClientError):  # the name is taken
            execute(name, json.loads(text))(world)

    return attack


def _published(source: str, kind: str, detail: str) -> Attack:
    return lambda world: world.bus.take(source, kind, detail)


def _invoked(world: World, event: Json) -> None:
    assert world.recovery
    function = replace(world.recovery, alias="answer")
    world.functions.invoke(function, event, RECOVERY, lambda _answer: None, lambda _kind: None)


def outcome(run: Run) -> tuple[Any, ...]:
    """What the victim came to: its ending and steps in the ledger, and which endings were published of it."""
    states = {sk: (item.get("st"), item.get("res")) for sk, item in run.ledger.items()}
    told = {event.detail_type for event in run.announced if json.loads(event.detail)["id"] == VICTIM}
    return run.ending, states, told


def found(calm: tuple[Any, ...], run: Run) -> Iterator[str]:
    """What an attack has brought about, in words."""
    if outcome(run) != calm:
        yield f"the victim came to {outcome(run)} instead of {calm}"
    sagas = _sagas(run)
    for name, meta in sagas.items():
        if not name.startswith("order#"):
            yield f"an item of {name} was written"
        if not START - 1 <= int(meta.get("at", {"N": "0"})["N"]) <= run.world.clock.now:
            yield f"{name} began at {meta['at']}: no list shows it"
    for event in run.announced:
        id = json.loads(event.detail)["id"]
        state = sagas.get(f"order#{id}", {}).get("st", {}).get("S", "")
        if event.detail_type not in (TOLD_AS.get(state), "saga.stuck"):
            yield f"{event.detail_type} was published of {id}, which is {state or 'nothing'}"
    if len(sagas) == 1 and any(effect.amount > 1 for effect in effects(run)):
        yield f"effects came twice: {effects(run)}"


def _sagas(run: Run) -> Mapping[str, Json]:
    items = run.world.dynamodb.items(LEDGER)
    return {pk.removeprefix("SAGA#"): item for (pk, sk), item in items.items() if sk == "META"}
