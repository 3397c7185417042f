"""A saga's resources in a simulated account, wired as the constructs of :mod:`cdk_saga.aws` wire them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from cdk_saga.definition import Saga
from cdk_saga.definition.retry import VISIBILITY_FACTOR
from cdk_saga.plan import Plan, compile_saga
from cdk_saga.render import Route, routes, state_machine
from cdk_saga.render.state_machine import placeholder
from cdk_saga.testing.services.bus import Rule
from cdk_saga.testing.services.function import Function
from cdk_saga.testing.services.machines import Machine, States
from cdk_saga.testing.services.queues import ACCOUNT, REGION, Consumer, Queue
from cdk_saga.testing.world import RELAY, World

Json = dict[str, Any]
MARGIN: Final = 15
"""Seconds a task of a state machine may take beyond its function's time-out."""
FAILED: Final = "failed"
"""The queue of commands whose attempts are used up."""
RELAY_ATTEMPTS: Final = 5
"""Receives of a failed command by the relay."""


@dataclass(frozen=True)
class Style:
    """A saga in one style, ready to be set up in any number of worlds.

    Attributes:
        saga: the definition.
        functions: the participants' functions, by participant.
        relay: the relay's function.
    """

    saga: Saga
    functions: Mapping[str, Function]
    relay: Function

    def set_up(self, world: World) -> None:
        """Make the style's resources."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """The variables of the relay."""
        plan = self._plan
        return {
            "SAGA_NAME": plan.saga,
            "SAGA_VERSION": plan.version,
            "SAGA_STEPS": json.dumps(plan.handlers),
            "SAGA_TURN": plan.turn or "",
            **({"SAGA_FORWARD": json.dumps(plan.openings)} if plan.openings else {}),
            **({"SAGA_WHEN_STUCK": "continue"} if plan.goes_on else {}),
        }

    def start(self, world: World, saga: Json) -> None:
        """Start a saga from outside; ``saga`` is what a starter sends."""
        raise NotImplementedError

    @cached_property
    def _plan(self) -> Plan:
        return compile_saga(self.saga)


class Choreographed(Style):
    """A rule and a queue for each task, and one queue of failed commands for the relay."""

    def set_up(self, world: World) -> None:
        """Make the queues and rules."""
        world.relay = self.relay
        failed = Queue(
            FAILED,
            visibility=VISIBILITY_FACTOR * self.relay.timeout,
            consumer=Consumer(self.relay, RELAY),
            most_receives=RELAY_ATTEMPTS,
            redrive_to=world.dead,
        )
        world.queues.add(failed)
        for route in self._routes:
            self._lane(world, route, failed)

    def start(self, world: World, saga: Json) -> None:
        """Publish ``saga.started``."""
        world.bus.take(f"saga.{self.saga.name}", "saga.started", json.dumps(saga))

    @cached_property
    def _routes(self) -> tuple[Route, ...]:
        return routes(self._plan)

    def _lane(self, world: World, route: Route, failed: Queue) -> None:
        function = self.functions[route.participant]
        queue = Queue(
            f"{route.step}-{route.operation}",
            visibility=VISIBILITY_FACTOR * function.timeout,
            consumer=Consumer(function, f"{route.step}.{route.operation}"),
            most_receives=route.receives,
            redrive_to=failed,
        )
        world.queues.add(queue)

        def target(message: str) -> None:
            world.queues.send(queue, message)

        def undelivered(event: str) -> None:
            world.queues.send(failed, event)

        world.bus.rules.append(
            Rule(
                pattern=route.pattern,
                input_paths=route.input_paths,
                input_template=route.input_template,
                target=target,
                undelivered=undelivered,
                task=f"{route.step}.{route.operation}",
            )
        )


class Orchestrated(Style):
    """A state machine, and the relay that hears of executions that died."""

    def set_up(self, world: World) -> None:
        """Make the state machine."""
        world.states.machines[self._machine.arn] = self._machine
        world.relay = self.relay

    def environment(self) -> dict[str, str]:
        """The variables of the relay."""
        return {**super().environment(), "SAGA_STATE_MACHINE": self._machine.arn}

    def start(self, world: World, saga: Json) -> None:
        """Start an execution under the saga's id."""
        world.states.start_execution(stateMachineArn=self._machine.arn, name=saga["id"], input=json.dumps(saga))

    @cached_property
    def _machine(self) -> Machine:
        timeouts = {name: int(function.timeout) + MARGIN for name, function in self.functions.items()}
        resources = {f"${{{placeholder(name)}}}": function for name, function in self.functions.items()}
        arn = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{self.saga.name}"
        return Machine(arn, States(state_machine(self._plan, timeouts=timeouts)), resources)


STYLES: Final[dict[str, type[Style]]] = {"choreographed": Choreographed, "orchestrated": Orchestrated}
