"""An hour's outage of one participant, simulated: what queues up meanwhile, and how it comes back."""

import json
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Literal
from unittest.mock import patch

from bench.figures import Chart, Line, Result
from cdk_saga import Retry, Saga, Step
from cdk_saga.testing import Schedule, Simulation, simulation
from cdk_saga.testing.clock import START
from cdk_saga.testing.services.calls import ACCOUNT, REGION
from cdk_saga.testing.services.function import Answer, Function
from cdk_saga.testing.services.functions import Kind
from cdk_saga.testing.world import BUS, World
from saga_runtime import Command, Participant, Writes
from saga_runtime.client import Target as Entrance
from saga_runtime.client import start
from saga_runtime.services import Services
from simulation.participants import Recovery

TITLE: Final = "An hour's outage"
ABOUT: Final = """\
Simulated: sagas of three steps arrive once in five seconds; after ten minutes the second participant fails for an
hour, its compensation too, and then works again. Everything is proportional to the rate of arrival, so depths and
rates are given as multiples of it. *Patient* gives the second step
`Retry(max_attempts=60, max_delay=300)` in both directions,
*default* is the library's default. The rival is the usual queue: three receives, then a dead-letter queue that an
operator redrives as a whole once all is well again; its figure is arithmetic, an hour's sagas within a minute.
Functions take no time here and have no limit of concurrency, so the figures are what retries alone would ask for."""
EVERY: Final = 5.0
"""Seconds between two sagas."""
BEGINS: Final = 600.0
ENDS: Final = BEGINS + 3600.0
LAST: Final = ENDS + 1200.0
BUCKET: Final = 60.0
PATIENT: Final = Retry(max_attempts=60, max_delay=300)
POLICIES: Final[dict[str, dict[str, Retry]]] = {
    "patient": {"retry": PATIENT, "compensation_retry": PATIENT},
    "default": {},
}
FAILING: Final = "b"
RIVAL: Final = "redriven at once"
Style = Literal["choreographed", "orchestrated"]


class Ordinary(Schedule):
    """Deliveries and invocations of some milliseconds; jitter as random as it is."""

    def __init__(self) -> None:
        draw = random.Random(1)  # noqa: S311 # repeatable, not secret
        super().__init__(draw.randrange)
        self.delivery = self.invocation = lambda: 0.02
        self.request = lambda: 0.0
        self.chance = draw.random


@dataclass
class Seen:
    """What was seen of a run.

    Attributes:
        attempts: calls of the second step, in either direction, by minute.
        waiting: its commands that wait, at the end of each minute.
        endings: how many sagas ended how.
    """

    attempts: Counter[int] = field(default_factory=Counter[int])
    waiting: dict[int, int] = field(default_factory=dict[int, int])
    endings: Counter[str] = field(default_factory=Counter[str])

    def rate(self, begin: float, end: float) -> float:
        """The most attempts in a minute between two times, as a multiple of the sagas that arrive in a minute."""
        minutes = range(int(begin / BUCKET), int(end / BUCKET))
        return max(self.attempts[minute] for minute in minutes) * EVERY / BUCKET


def measure() -> Result:
    """Simulate both policies in both styles."""
    runs = {(policy, style): watch(policy, style) for policy in POLICIES for style in ("choreographed", "orchestrated")}
    lines = [line for (policy, style), seen in runs.items() for line in _lines(f"{style}, {policy}", seen)]
    names = [("choreographed", "patient"), ("orchestrated", "patient"), ("choreographed", "default")]
    series = {f"{style}, {policy}": _minutes(runs[policy, style]) for style, policy in names}
    chart = Chart(
        name="outage",
        title="Calls of the failing step, of sagas arriving",
        x="minutes",
        y="calls a saga",
        series=series,
    )
    return Result(lines=lines, charts=[chart], facts={f"{p}, {s}": dict(seen.endings) for (p, s), seen in runs.items()})


def watch(policy: str, style: Style) -> Seen:
    """Run it, and look on."""
    seen = Seen()
    with patch.object(simulation, "MAX_EVENTS", 10**9):
        run = _simulation(policy, style, seen).run({}, schedule=Ordinary())
    # A saga that was stuck and went on has more than one ending announced; the last counts.
    last = {json.loads(event.detail)["id"]: event.detail_type for event in run.announced}
    seen.endings.update(last.values())
    return seen


def _simulation(policy: str, style: Style, seen: Seen) -> Simulation:
    saga = Saga("order", [_step(name, POLICIES[policy] if name == FAILING else {}) for name in ("a", FAILING, "c")])

    def prepare(world: World) -> None:
        _arrive(world, saga, style)
        _look_on(world, seen)

    return Simulation(saga=saga, participants={"worker": worker}, recovery=Recovery(), style=style, prepare=prepare)


worker = Participant("worker")


@worker.action
def do(command: Command, writes: Writes) -> dict[str, str]:
    """Do nothing, or fail."""
    del writes
    _fail(command)
    return {"did": command.step}


@do.compensation
def undo(command: Command, writes: Writes) -> None:
    """Undo nothing, or fail."""
    del writes
    _fail(command)


def _fail(command: Command) -> None:
    if command.step == FAILING and BEGINS <= worker.services.now() - START < ENDS:
        raise ConnectionError("the outage")


def _step(name: str, policy: Mapping[str, Any]) -> Step:
    return Step(name, participant="worker", action="do", compensation="undo", **policy)


def _arrive(world: World, saga: Saga, style: Style) -> None:
    """Let sagas be started through the runtime's client, as from a website."""
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{saga.name}"
    where = machine if style == "orchestrated" else BUS
    entrance = Entrance(name=saga.name, version=saga.version, style=style, where=where)
    services = Services(now=lambda: world.clock.now, client=world.client)
    for i in range(1, int(LAST / EVERY)):
        world.clock.after(i * EVERY, partial(start, entrance, f"s-{i + 1}", {}, services=services))


def _look_on(world: World, seen: Seen) -> None:
    invoke = world.functions.invoke

    def counted(
        function: Function,
        event: Any,
        task: str,
        done: Callable[[Answer], None],
        again: Callable[[Kind], None],
        *,
        role: str = "",
    ) -> None:
        if task.startswith(f"{FAILING}."):
            seen.attempts[_minute(world)] += 1
        invoke(function, event, task, done, again, role=role)

    def look() -> None:
        seen.waiting[_minute(world)] = _waiting(world)
        if world.clock.now < START + LAST:
            world.clock.after(BUCKET, look)

    world.functions.invoke = counted
    world.clock.after(BUCKET - 1, look)


def _minute(world: World) -> int:
    return int((world.clock.now - START) / BUCKET)


def _waiting(world: World) -> int:
    """Commands of the second step that are not done, or executions that are not over."""
    queues = [queue for name, queue in world.queues.by_name.items() if name.startswith(f"{FAILING}-")]
    running = [one for one in world.states.executions.values() if one.status == "RUNNING"]
    return sum(len(queue.messages) for queue in queues) + len(running)


def _lines(what: str, seen: Seen) -> Iterator[Line]:
    arriving = (ENDS - BEGINS) / EVERY
    ended = seen.endings.total()
    yield Line(what=f"{what}: completed", unit="% of the sagas", ours=100 * seen.endings["saga.completed"] / ended)
    yield Line(
        what=f"{what}: stuck until resumed", unit="% of the sagas", ours=100 * seen.endings["saga.stuck"] / ended
    )
    yield Line(what=f"{what}: most that wait", unit="of an hour's sagas", ours=max(seen.waiting.values()) / arriving)
    yield Line(
        what=f"{what}: calls during the outage, most", unit="times the arriving sagas", ours=seen.rate(BEGINS, ENDS)
    )
    yield Line(
        what=f"{what}: calls after it, most", unit="times the arriving sagas",
        against=RIVAL, rival=(ENDS - BEGINS) / BUCKET + 1, ours=seen.rate(ENDS, LAST),
    )  # fmt: skip
    drained = next((minute for minute, n in seen.waiting.items() if minute * BUCKET >= ENDS and n <= 1), math.inf)
    yield Line(what=f"{what}: until nothing waits", unit="minutes after it", ours=drained - ENDS / BUCKET + 1)


def _minutes(seen: Seen) -> list[tuple[float, float]]:
    return [(minute, seen.attempts[minute] * EVERY / BUCKET) for minute in range(int(LAST / BUCKET))]
