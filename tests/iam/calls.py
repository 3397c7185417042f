"""The AWS calls of the example's sagas in both styles, in simulated time: endings, recovery, operations, watchdog."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Final, NamedTuple
from unittest.mock import patch

from cdk_saga import Saga
from cdk_saga.testing import ControlOperation, Crash, Delay, Fault, Lost, Run, Simulation, Stop, Throttled, explore
from cdk_saga.testing.services.calls import Context, calls
from cdk_saga.testing.services.functions import Functions
from cdk_saga.testing.services.requests import Request
from cdk_saga.testing.world import World
from demo.business_trip import BUSINESS_TRIP
from demo.example import Example, Orders, Stock
from demo.order import ORDER
from demo.trip import TRIP
from participants import approvals, flights, hotels, notices, payments, provider, shipping, transfers, warehouse
from saga_runtime import Command, Rejected
from saga_runtime.ledger.store import TRIES
from saga_runtime.recovery import Recovery
from stacks.business_trip import business_trip
from stacks.order import order
from stacks.trip import trip

Json = dict[str, Any]
MODULES: Final = (approvals, flights, hotels, notices, payments, shipping, transfers, warehouse)
PARTICIPANTS: Final = {module.__name__.rpartition(".")[2]: module for module in MODULES}
SAGAS: Final[tuple[tuple[Saga, Example], ...]] = ((trip, TRIP), (order, ORDER), (business_trip, BUSINESS_TRIP))
DELIVERIES: Final = 40
"""More than a queue makes of one message."""
LATER: Final = 20_000.0
LOOK: Final = json.dumps({"watchdog": {}})


class Call(NamedTuple):
    """One call of a function, as IAM sees it.

    Attributes:
        function: the participant's name, or ``recovery``.
        action: e.g. ``dynamodb:PutItem``.
        resource: what it is on: a table's, bus's or queue's name here, or an ARN.
        context: of conditions.
    """

    function: str
    action: str
    resource: str
    context: Context = ()


def recorded(style: Any) -> set[tuple[str, Call]]:
    """Every call of every run, with the name of the saga it was made for."""
    found: set[tuple[str, Call]] = set()
    land = Functions.land
    for saga, example in SAGAS:

        def listening(self: Functions, request: Request, label: tuple[str, int], number: int, role: str = "") -> Any:
            if role:
                found.update((saga.name, call) for call in _calls(role, request))  # noqa: B023 # used at once
            return land(self, request, label, number, role)

        with (
            patch.object(Functions, "land", listening),
            patch.multiple(provider.Provider, place=_place, cancel=_cancel),
        ):
            for _ in runs(saga, example, style):
                pass
    return found


def runs(saga: Saga, example: Example, style: Any) -> Iterator[Run]:
    """Sagas that complete, are rejected or broken at each step, get stuck and are helped, are cancelled, vanish."""
    given, turn = (
        example.given("s"),
        next(step.name for step in reversed(saga.all_steps) if step.pivot or not saga.deadline),
    )
    simulated = _simulation(saga, example, style)
    yield from _with_every_fault(_simulation(saga, example, style, looks=0), given)
    for step in saga.all_steps:
        action, compensation = f"{step.name}.action", f"{step.name}.compensation"
        yield _simulation(saga, example, style, sold_out=step.participant).run({**given, "rejects": [action]})
        yield _simulation(replace(saga, deadline=60), example, style).run(given, faults=[Delay(action)])
        for fault in (Stop(action), Lost(action)):
            yield simulated.run(given, faults=[fault])
        for n, times in ((2, 1), (2, TRIES), (DELIVERIES, 99)):
            faults = [*_failing(f"{turn}.action", DELIVERIES), *_failing(compensation, n, times)]
            skipped = ControlOperation("skip", LATER, step=step.name, reason="by phone")
            for help_ in (ControlOperation("resume", LATER), skipped):
                yield simulated.run(given, faults=faults, operations=[help_, ControlOperation("cancel", LATER + 1)])
        if step.callback_timeout:
            for answer in ("complete", "reject", "cancel"):
                order = ControlOperation(answer, 60, step=step.name, reason="too dear")
                yield simulated.run({**given, "trip": {"cents": 90_000}}, operations=[order])
            # It asks, and never says when its message is to come back: that goes to recovery before its time.
            early = [Crash(action, attempt=n, call=2) for n in range(1, 99)]
            yield simulated.run({**given, "trip": {"cents": 90_000}}, faults=early)
    if style == "choreographed":
        yield _simulation(saga, example, style, smuggled="no command at all").run(given)


def _failing(task: str, attempts: int, calls: int = 99) -> Iterator[Fault]:
    """Throttled at the first calls of the first attempts."""
    return (Throttled(task, attempt=n, times=calls) for n in range(1, attempts))


def _with_every_fault(simulation: Simulation, given: Json) -> Iterator[Run]:
    with simulation:
        for found in explore(lambda faults: simulation.run(given, faults=faults), 1):
            yield found.run


def _simulation(
    saga: Saga, example: Example, style: Any, *, looks: int = 8, sold_out: str = "", smuggled: str = ""
) -> Simulation:
    def prepare(world: World) -> None:
        for column in example.columns.values():
            if not isinstance(column, Orders):
                _table(world, column.function.lower())
            if isinstance(column, Stock):
                _stock(world, column, 0 if column.function.lower() == sold_out else 9)
        for n in range(1, 1 + looks):
            world.clock.after(LATER + 5000 * n, partial(world.call_recovery, LOOK))
        if smuggled:
            world.clock.after(1, partial(_smuggle, world, smuggled))

    return Simulation(
        saga=replace(saga, name=f"{saga.name}-by-events") if style == "choreographed" else saga,
        participants={name: _handlers(PARTICIPANTS[name]) for name in saga.participants},
        recovery=Recovery(),
        style=style,
        prepare=prepare,
        environment={name: {"TABLE": name, "LIMIT": "50000"} for name in saga.participants},
    )


def _smuggle(world: World, body: str) -> None:
    """Put a message into every queue that a function reads."""
    for queue in [queue for queue in world.queues.by_name.values() if queue.consumer]:
        world.queues.send(queue, body)


def _table(world: World, table: str) -> None:
    key = {"AttributeName": "pk"}
    world.dynamodb.create_table(
        TableName=table, KeySchema=[{**key, "KeyType": "HASH"}], AttributeDefinitions=[{**key, "AttributeType": "S"}]
    )


def _stock(world: World, column: Stock, units: int) -> None:
    for shelf in column.shelves:
        item = {"pk": {"S": f"{column.what.upper()}#s{shelf}"}, column.counted_in: {"N": str(units)}}
        world.dynamodb.put_item(TableName=column.function.lower(), Item=item)


def _handlers(module: Any) -> Any:
    return getattr(module, module.__name__.rpartition(".")[2])


def _place(_: object, command: Command, order: Json, *, refused: str) -> Json:  # noqa: ARG001 # as the provider's
    if f"{command.step}.action" in command.input.get("rejects", ()):
        raise Rejected(refused)
    return {"confirmation": "c-1"}


def _cancel(_: object, command: Command) -> None:
    """It is cancelled."""


def _calls(function: str, request: Request) -> Iterator[Call]:
    for call in calls(request.service, request.operation, request.parameters):
        yield Call(function, call.action, _name(call.resource), call.context)


def _name(arn: str) -> str:
    """A table's, index's, bus's or queue's name; a state machine's or an execution's ARN."""
    if ":states:" in arn or not arn:
        return arn or "its machine"
    return arn.rpartition(":")[2].removeprefix("table/").removeprefix("event-bus/")
