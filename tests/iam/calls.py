"""The AWS calls of the example's sagas in both styles, in simulated time: all endings, relay, orders, the watch."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, NamedTuple
from unittest.mock import patch

from cdk_saga import Saga
from cdk_saga.testing import Delay, Fault, Lost, Order, Run, Simulation, Stop, Throttled, explore
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
from saga_runtime.relay import Relay
from stacks.business_trip import business_trip
from stacks.order import order
from stacks.trip import trip

Json = dict[str, Any]
MODULES: Final = (approvals, flights, hotels, notices, payments, shipping, transfers, warehouse)
PARTICIPANTS: Final = {module.__name__.rpartition(".")[2]: module for module in MODULES}
SAGAS: Final[tuple[tuple[Saga, Example], ...]] = ((trip, TRIP), (order, ORDER), (business_trip, BUSINESS_TRIP))
LATER: Final = 20_000.0
LOOK: Final = json.dumps({"watch": {"late": 4000, "silent": 4000}})


class Call(NamedTuple):
    """One call of a function, as IAM sees it.

    Attributes:
        function: the participant's name, or ``relay``.
        action: e.g. ``dynamodb:PutItem``.
        resource: what it is on: a table's, bus's or queue's name here, or an ARN.
        source: the source of an event.
    """

    function: str
    action: str
    resource: str
    source: str = ""


def recorded(style: Any) -> set[tuple[str, Call]]:
    """Every call of every run, with the name of the saga it was made for."""
    found: set[tuple[str, Call]] = set()
    land = Functions.land
    for saga, example in SAGAS:
        owner = {step.name: step.participant for step in saga.steps}

        def listening(
            self: Functions, request: Request, label: tuple[str, int], number: int, owner: Any = owner
        ) -> Any:
            function = owner.get(label[0].partition(".")[0], "relay")
            found.update((saga.name, call) for call in _calls(function, request))  # noqa: B023 # used at once
            return land(self, request, label, number)

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
        next(step.name for step in reversed(saga.steps) if step.pivot or not saga.deadline),
    )
    simulated = _simulation(saga, example, style)
    yield from _with_every_fault(_simulation(saga, example, style, looks=0), given)
    for step in saga.steps:
        action, compensation = f"{step.name}.action", f"{step.name}.compensation"
        yield _simulation(saga, example, style, sold_out=step.participant).run({**given, "rejects": [action]})
        yield _simulation(replace(saga, deadline=60), example, style).run(given, faults=[Delay(action)])
        for fault in (Stop(action), Lost(action)):
            yield simulated.run(given, faults=[fault])
        for n, calls in ((2, 1), (2, TRIES), (20, 99)):
            faults = [*_failing(f"{turn}.action", 20), *_failing(compensation, n, calls)]
            forgiven = Order("forgive", LATER, step=step.name, reason="by phone")
            for help_ in (Order("resume", LATER), forgiven):
                yield simulated.run(given, faults=faults, orders=[help_, Order("cancel", LATER + 1)])
        if step.waits:
            for answer in ("complete", "reject", "cancel"):
                order = Order(answer, 60, step=step.name, reason="too dear")
                yield simulated.run({**given, "trip": {"cents": 90_000}}, orders=[order])
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
            world.clock.after(LATER + 5000 * n, partial(world.call_relay, LOOK))
        if smuggled:
            world.clock.after(1, partial(_smuggle, world, smuggled))

    return Simulation(
        saga=replace(saga, name=f"{saga.name}-by-events") if style == "choreographed" else saga,
        participants={name: _handlers(PARTICIPANTS[name]) for name in saga.participants},
        relay=Relay(),
        style=style,
        prepare=prepare,
        environment={name: {"TABLE": name, "LIMIT": "50000"} for name in saga.participants},
    )


def _smuggle(world: World, body: str) -> None:
    world.queues.send(world.queues.by_name["failed"], body)


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
    read = _READERS[request.service]
    return (Call(function, *rest) for rest in read(request))


def _of_dynamodb(request: Request) -> Iterator[tuple[str, ...]]:
    if request.operation == "TransactWriteItems":
        # Each write of a transaction needs the permission of its own kind, the transaction none.
        for entry in request.parameters["TransactItems"]:
            ((kind, body),) = entry.items()
            yield f"dynamodb:{'ConditionCheckItem' if kind == 'ConditionCheck' else f'{kind}Item'}", body["TableName"]
    else:
        table, index = request.parameters["TableName"], request.parameters.get("IndexName")
        yield f"dynamodb:{request.operation}", f"{table}/index/{index}" if index else table


def _of_events(request: Request) -> Iterator[tuple[str, ...]]:
    for entry in request.parameters["Entries"]:
        yield "events:PutEvents", entry["EventBusName"], entry["Source"]


def _of_sqs(request: Request) -> Iterator[tuple[str, ...]]:
    parameters = request.parameters
    yield f"sqs:{request.operation}", (parameters.get("QueueUrl") or parameters["QueueName"]).rpartition("/")[2]


def _of_states(request: Request) -> Iterator[tuple[str, ...]]:
    named = [request.parameters[name] for name in ("executionArn", "stateMachineArn") if name in request.parameters]
    # An answer names its task by a token; it is granted on the machine.
    yield f"states:{request.operation}", *(named or ["its machine"])


_READERS: Final[Mapping[str, Callable[[Request], Iterator[tuple[str, ...]]]]] = {
    "dynamodb": _of_dynamodb,
    "events": _of_events,
    "sqs": _of_sqs,
    "stepfunctions": _of_states,
}
