"""Running sagas: the real handlers, the real plan, simulated services and time."""

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Literal, Self

from cdk_saga.definition import Saga
from cdk_saga.render.permissions import INDEX, WATCHDOG
from cdk_saga.testing.clock import Endless
from cdk_saga.testing.deployments import Deployed, Deployment
from cdk_saga.testing.environment import ProcessEnvironment
from cdk_saga.testing.faults import Fault, Faults
from cdk_saga.testing.operations import ControlOperation
from cdk_saga.testing.participant import SimulatedParticipant, move
from cdk_saga.testing.run import Run
from cdk_saga.testing.schedule import Schedule
from cdk_saga.testing.services.function import Function
from cdk_saga.testing.services.queues import Queue
from cdk_saga.testing.styles import STYLES
from cdk_saga.testing.world import BUS, DEAD, LEDGER, World

Json = dict[str, Any]
SCHEMA: Final = "saga/1"
"""The version of what travels."""
TIMEOUT: Final = 15.0
"""Seconds a function may take unless told otherwise."""
MAX_REDRIVES: Final = 2
"""Redrives of dead letters: at the first one something may go wrong again."""
MAX_EVENTS: Final = 5_000
"""Events after which a run is given up as endless."""


@dataclass(kw_only=True)
class Simulation:
    """A saga and those who take part, to be run as often as one likes.

    Args:
        saga: the definition.
        participants: by the names that the steps use.
        recovery: recovery's function.
        style: how the saga is rendered.
        prepare: fills the participants' tables before each run.
        services: makes what participants ask of ``services.client`` beyond AWS's own.
        timeout: seconds a function may take.
        environment: the variables of each participant's function, by participant.
        concurrency: invocations of each function at the same time; more are throttled. ``None`` for any number.

    Example:
        >>> functions = {"flights": flights}
        >>> simulation = Simulation(saga=TRIP, participants=functions, recovery=recovery, style="orchestrated")
        >>> run = simulation.run(faults=[Crash("flight.action", call=1)])
        >>> print(run.ending, run.trace)
    """

    saga: Saga
    participants: Mapping[str, SimulatedParticipant]
    recovery: SimulatedParticipant
    style: Literal["choreographed", "orchestrated"]
    prepare: Callable[[World], None] = lambda _world: None
    services: Mapping[str, Callable[[], Any]] = field(default_factory=dict[str, Callable[[], Any]])
    timeout: float = TIMEOUT
    environment: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    concurrency: int | None = None

    def __post_init__(self) -> None:
        functions = {
            name: Function(name, who.handler, self.timeout, self.environment.get(name, {}))
            for name, who in self.participants.items()
        }
        self._style = STYLES[self.style](self.saga, functions, Function("recovery", self.recovery.handler, TIMEOUT))
        self.surroundings = ProcessEnvironment(self._environment())

    def run(
        self,
        input: Json | None = None,
        *,
        faults: Iterable[Fault] = (),
        operations: Iterable[ControlOperation] = (),
        schedule: Schedule | None = None,
        saga_id: str = "s-1",
        deployments: Iterable[Deployment] = (),
    ) -> Run:
        """Run one saga until nothing is left to happen.

        Args:
            input: the saga's input.
            faults: what goes wrong.
            operations: what an operator tells it.
            schedule: how long things take; calm by default.
            saga_id: the saga's id.
            deployments: what is deployed meanwhile.

        Raises:
            Unsimulated: a handler asked for something that is not simulated, or reached for AWS by a client of its own.
        """
        world = self.account(schedule or Schedule.calm(), faults, saga_id)
        for participant in (*self.participants.values(), self.recovery):
            move(participant.services, world)
        run = Run(self.saga, self.style, world, deployments=tuple(deployments))
        with self.surroundings, contextlib.redirect_stdout(run.printed):
            self._style.start(world, self.command(world, input or {}))
            deployed = Deployed(self._style, self.recovery)
            for deployment in run.deployments:
                world.clock.after(deployment.after, partial(deployed.deploy, world, deployment))
            for operation in operations:
                world.clock.after(
                    operation.after, partial(world.operate, operation.payload) if operation.payload else world.redrive
                )
            self._go(run)
            self._attend(run)
        return run

    def account(self, schedule: Schedule, faults: Iterable[Fault] = (), saga_id: str = "s-1") -> World:
        """A simulated account in which everything is deployed and nothing has happened."""
        world = World(schedule, Faults(faults), self.services)
        world.saga_id = saga_id
        world.functions.concurrency = self.concurrency
        self._make_tables(world)
        self._style.set_up(world)
        return world

    def __enter__(self) -> Self:
        """Prepare for many runs at once, which saves a third of the time of each."""
        self.surroundings.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.surroundings.__exit__()

    def _go(self, run: Run) -> None:
        try:
            run.world.clock.run(MAX_EVENTS)
        except Endless:
            run.endless = True
        finally:
            run.world.functions.close()
        if refused := run.world.functions.refused:
            raise refused

    def _attend(self, run: Run) -> None:
        """Do what alarms make an operator do: redrive dead letters, resume a saga that was stuck and is no more."""
        for _ in range(MAX_REDRIVES):
            if run.dead_letters and not (run.ending == "STUCK" and run.announced):
                run.world.redrive()
                self._go(run)
        if run.ending != "STUCK" and run.announced and run.announced[-1].detail_type == "saga.stuck":
            run.world.operate(ControlOperation("resume", after=0).payload)
            self._go(run)

    def _make_tables(self, world: World) -> None:
        world.dynamodb.create_table(
            TableName=LEDGER,
            KeySchema=_keys("pk", "sk"),
            AttributeDefinitions=[
                *({"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk", "view", "wd")),
                *({"AttributeName": key, "AttributeType": "N"} for key in ("at", "alive")),
            ],
            GlobalSecondaryIndexes=[
                {"IndexName": INDEX, "KeySchema": _keys("view", "at")},
                {"IndexName": WATCHDOG, "KeySchema": _keys("wd", "alive")},
            ],
        )
        self.prepare(world)
        world.dynamodb.changes.clear()

    def command(self, world: World, given: Json) -> Json:
        """What starts a saga, as ``saga_runtime.client.start`` sends it."""
        return {"schema": SCHEMA, "name": self.saga.name, "id": world.saga_id, "input": given}

    def _environment(self) -> dict[str, str]:
        return {
            "SAGA_LEDGER": LEDGER,
            "SAGA_BUS": BUS,
            "SAGA_DEAD_LETTER_QUEUE": Queue(DEAD).url,
            **self._style.environment(),
            "POWERTOOLS_SERVICE_NAME": self.saga.name,
            "POWERTOOLS_METRICS_NAMESPACE": "Saga",
        }


def _keys(partition: str, sort: str) -> list[Json]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
