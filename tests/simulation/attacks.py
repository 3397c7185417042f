"""Attacks on a simulated saga: what another principal sends while it runs."""

import json
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from cdk_saga.testing import Run, Schedule, Simulation
from cdk_saga.testing.faults import Fault
from cdk_saga.testing.services.machines import Machine
from cdk_saga.testing.world import World
from simulation.participants import simulation
from simulation.shapes import saga

Json = dict[str, Any]
Attack = Callable[[World], None]
NAME: Final = "order"


def started(shape: str, style: str, forged: Json, given: Json | None = None) -> Run:
    """The run of a saga whose starter sends something else than the client does."""
    simulated = simulation(saga(shape), style)
    whole = simulated.command

    def command(world: World, given: Json) -> Json:
        return {**whole(world, given), **forged}

    simulated.command = command
    return simulated.run(given)


def attacked(shape: str, style: str, attack: Attack | None, *, at: float = 1.0, given: Json | None = None) -> Run:
    """The run of a saga at whose side somebody else acts once, some seconds after the start."""
    simulated: Simulation = simulation(saga(shape), style)
    account = simulated.account

    def watched(schedule: Schedule, faults: Iterable[Fault] = (), saga_id: str = "s-1") -> World:
        world = account(schedule, faults, saga_id)
        if attack:
            world.clock.after(at, partial(attack, world))
        return world

    simulated.account = watched
    return simulated.run(given)


def execute(name: str, message: Json) -> Attack:
    """``StartExecution`` by whoever was granted to start this saga."""

    def attack(world: World) -> None:
        (machine,) = {machine.arn: machine for machine in world.states.machines.values()}.values()
        assert isinstance(machine, Machine)
        world.states.start_execution(stateMachineArn=machine.arn, name=name, input=json.dumps(message))

    return attack


def publish(detail_type: str, detail: Json) -> Attack:
    """``PutEvents`` by whoever may."""
    return lambda world: world.bus.take(f"saga.{NAME}", detail_type, json.dumps(detail))
