"""Runs in which every permission of a saga is used, and the rules by which they are granted."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

from botocore.exceptions import ClientError

from cdk_saga import Saga, Step
from cdk_saga.plan import compile_saga
from cdk_saga.render.patience import RECOVERY_RECEIVES
from cdk_saga.render.permissions import FAILED, STARTER, Permissions, Statement, permissions
from cdk_saga.testing import ControlOperation, Crash, Delay, Fault, Run, Stop, Undelivered
from cdk_saga.testing.services.requests import Request
from cdk_saga.testing.world import LEDGER, World
from saga_runtime.client import Target, has_begun
from saga_runtime.services import Services
from simulation.deaths import DEATHS
from simulation.participants import simulation
from simulation.shapes import saga

SHAPES: Final = ("T(X|T?)", "X(T|X)", "XT?", "XT")
"""Groups at the end with each mode and a step that waits; an external effect first, which writes the saga's item."""
ASKING: Final = {"T(X|T?)": "c", "XT?": "b"}
LATER: Final = 20_000.0
LONG: Final = 86_400
EARLY: Final = 400
"""Deliveries that die before they say when their message is to come back: more than a queue has."""


class Rule(NamedTuple):
    """What grants one action on one kind of resource to one kind of role."""

    role: str
    action: str
    on: str


def rules(style: Any) -> list[Rule]:
    """Every rule by which a saga in this style is granted something."""
    found = {
        rule: None for shape in SHAPES for role, all_ in _granted(shape, style).items() for rule in _of(role, all_)
    }
    return list(found)


def _granted(shape: str, style: Any) -> Permissions:
    return permissions([compile_saga(saga(shape))], style)


def _of(role: str, statements: tuple[Statement, ...]) -> Iterator[Rule]:
    for one in statements:
        for action in one.actions:
            yield Rule(_kind(role), action, _place(one))


def _kind(role: str) -> str:
    return "participant" if role in ("own", "outside") else role


def _place(one: Statement) -> str:
    """What a statement is about: all queues of tasks are one, as are all functions."""
    name, below = one.on[0]
    through = [f" by the {value[0]}" for one in one.conditions if one.key == "kms:ViaService" for value in one.values]
    task = name.startswith(("queue of ", "function of ")) and name != FAILED
    return "".join([name.partition(" of ")[0] if task else name, below, *through])


def without(rule: Rule, granted: Permissions) -> Permissions:
    """The permissions but for those of one rule."""

    def left(role: str, one: Statement) -> Statement:
        dropped = _kind(role) == rule.role and _place(one) == rule.on
        return replace(one, actions=tuple(a for a in one.actions if not (dropped and a == rule.action)))

    return {role: tuple(left(role, one) for one in all_) for role, all_ in granted.items()}


def runs(style: Any) -> Iterator[Callable[[], Run]]:
    """Runs that use all of it, the usual ones first."""
    for shape in SHAPES:
        asking = ASKING.get(shape)
        asked = {"pending": [asking], "answers": [[asking, "complete", 50]]} if asking else {}
        yield partial(_run, shape, style, {})
        yield partial(_run, shape, style, asked)
        stuck = {"rejected": ["b"], "broken": ["a.compensation"]}
        yield partial(_run, shape, style, stuck, attempts=0, operations=[ControlOperation("resume", 2 * LATER)])
        yield partial(_run, shape, style, {"broken": ["b.action"]}, attempts=0)
        if asking:
            yield partial(_run, shape, style, {"pending": [asking], "answers": [[asking, "reject", 50]]})
            yield partial(_run, shape, style, {"pending": [asking]}, operations=[ControlOperation("cancel", 50)])
            early = [Crash(f"{asking}.action", attempt=n, call=2) for n in range(1, EARLY)]
            yield partial(_run, shape, style, {"pending": [asking]}, faults=early)
    given_up = {"rejected": ["c"], "broken": ["b.compensation"]}
    yield partial(_run, "TXT~", style, given_up, attempts=0)
    yield partial(_run, "XT", style, {}, faults=[Undelivered("b.action")])
    yield partial(
        _run, "XT", style, {}, faults=[Delay("a.action", seconds=500)], operations=[ControlOperation("cancel", 50)]
    )
    yield partial(_run, "XT", style, {}, faults=[Stop("b.action")])
    yield partial(_run, "XTT", style, {}, faults=[Stop("b.action")])
    for deaths in (3, RECOVERY_RECEIVES, DEATHS[style], 9):
        dying = [Crash("recovery", attempt=n, call=1, when="before") for n in range(1, 1 + deaths)]
        yield partial(_run, "XT", style, {}, faults=[Stop("b.action"), *dying])
        yield partial(_run, "XT", style, {"broken": ["b.action"]}, attempts=0, faults=dying)


def _run(
    shape: str,
    style: Any,
    given: dict[str, Any],
    *,
    faults: Sequence[Fault] = (),
    operations: Sequence[ControlOperation] = (),
    attempts: int = 2,
) -> Run:
    simulated = simulation(_patient(saga(shape, attempts=attempts)), style)
    fill = simulated.prepare

    def prepare(world: World) -> None:
        fill(world)
        look = json.dumps({"watchdog": {}})
        world.clock.after(LATER, lambda: world.call_recovery(look))
        world.clock.after(60, partial(_ask, world, style, given))

    simulated.prepare = prepare
    return simulated.run(given, faults=faults, operations=operations)


def _patient(definition: Saga) -> Saga:
    """Whose step that waits does so longer than its queue delivers its message without success."""
    if not isinstance(definition.steps[-1], Step):
        return definition
    return replace(
        definition,
        steps=[replace(one, callback_timeout=LONG if one.callback_timeout else None) for one in definition.all_steps],
    )


def _ask(world: World, style: Any, given: dict[str, Any]) -> None:
    """Let the starter ask whether its saga has begun; a denial is noted by the world."""

    def query(**parameters: Any) -> Any:
        request = Request("dynamodb", "Query", parameters, world.dynamodb.query)
        world.functions.authorize(STARTER, request)
        return request.send()

    services = Services(client=lambda _: SimpleNamespace(query=query))
    target = Target(name="order", version="", style=style, where="", ledger=LEDGER)
    with suppress(ClientError):
        has_begun(target, world.saga_id, given, services=services)
