"""A saga's resources in a simulated account, wired as the constructs of :mod:`cdk_saga.aws` wire them."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, ClassVar, Final

from cdk_saga.definition import Saga
from cdk_saga.definition.retry import VISIBILITY_FACTOR
from cdk_saga.plan import STARTED, Plan, compile_saga
from cdk_saga.render import Route, failed_receives, routes, state_machine
from cdk_saga.render.permissions import EVENTBRIDGE, STARTER
from cdk_saga.render.permissions.roles import Style as StyleName
from cdk_saga.render.state_machine import placeholder
from cdk_saga.testing.policies import FAILED_COMMANDS, machine_arn, policies, queue_name, rule_arn
from cdk_saga.testing.services.authorization import Policies
from cdk_saga.testing.services.bus import Rule
from cdk_saga.testing.services.calls import Call
from cdk_saga.testing.services.function import Function
from cdk_saga.testing.services.machines import LIVE, Machine, MachineStates
from cdk_saga.testing.services.queues import Consumer, Queue
from cdk_saga.testing.services.requests import Request
from cdk_saga.testing.world import BUS, DEAD, RECOVERY, World

Json = dict[str, Any]
MARGIN: Final = 15
"""Seconds a task of a state machine may take beyond its function's time-out."""
SILENT: Final = 4_000
"""Seconds without activity after which the watchdog takes a saga over, or calls it late."""


@dataclass(frozen=True)
class Style:
    """A saga in one style, ready to be set up in any number of worlds.

    Attributes:
        saga: the definition.
        functions: the participants' functions, by participant.
        recovery: recovery's function.
        previous_versions: earlier definitions whose sagas may be under way.
        revision: counts the deployments.
    """

    saga: Saga
    functions: Mapping[str, Function]
    recovery: Function
    previous_versions: tuple[Saga, ...] = ()
    revision: int = 1

    name: ClassVar[StyleName]

    def set_up(self, world: World) -> None:
        """Make the style's resources, or update those that are there."""
        world.functions.policies = self.policies
        self._make(world)

    def _make(self, world: World) -> None:
        raise NotImplementedError

    @cached_property
    def policies(self) -> Policies:
        """What the constructs of :mod:`cdk_saga.aws` allow."""
        return policies([self._plan, *self._earlier], self.name, self.functions)

    def tear_down(self, world: World) -> None:
        """Delete the style's resources, and what is in them."""
        raise NotImplementedError

    def replace_functions(self, world: World, participants: Collection[str]) -> None:
        """Delete the functions of some participants; this style has the new ones."""

    def environment(self) -> dict[str, str]:
        """The variables of recovery."""
        plan = self._plan
        return {
            "SAGA_NAME": plan.saga,
            "SAGA_VERSION": plan.version,
            "SAGA_STEPS": json.dumps(plan.handlers),
            "SAGA_LAST_COMPENSABLE_STEP": plan.last_compensable_step or "",
            "SAGA_LATE_ALARM_AFTER": str(SILENT),
            "SAGA_SILENT": str(SILENT),
            **({"SAGA_TRIGGER_EVENTS": json.dumps(plan.trigger_events)} if plan.trigger_events else {}),
            **({"SAGA_ON_COMPENSATION_FAILURE": "continue"} if plan.continue_on_failure else {}),
            **(
                {"SAGA_PREVIOUS_VERSIONS": json.dumps(dict(map(_recovery_environment, self._earlier)))}
                if self._earlier
                else {}
            ),
        }

    def start(self, world: World, saga: Json) -> None:
        """Start a saga from outside, in the role of a starter; ``saga`` is what it sends."""
        service, method, parameters = self._starting(saga)
        operation = "".join(map(str.title, method.split("_")))
        request = Request(service, operation, parameters, getattr(world.services[service], method))
        world.functions.authorize(STARTER, request)
        request.send()

    def _starting(self, saga: Json) -> tuple[str, str, Json]:
        """The service, its method and the parameters by which a saga is started."""
        raise NotImplementedError

    @cached_property
    def _plan(self) -> Plan:
        return compile_saga(self.saga)

    @cached_property
    def _earlier(self) -> tuple[Plan, ...]:
        return tuple(map(compile_saga, self.previous_versions))


class Choreographed(Style):
    """A rule and a queue for each task, and one queue of failed commands for recovery."""

    name = "choreographed"

    def _make(self, world: World) -> None:
        """Make the queues and rules."""
        world.recovery = self.recovery
        world.bus.rules.clear()
        failed = self._queue(
            world,
            FAILED_COMMANDS,
            Consumer(self.recovery, RECOVERY),
            failed_receives(self._routes, {name: one.timeout for name, one in self.functions.items()}),
            world.dead,
        )
        for route in self._routes:
            self._step_queue(world, route, failed)
        kept = {DEAD, FAILED_COMMANDS, *(_name(route) for route in self._routes)}
        world.queues.delete(name for name in world.queues.by_name if name not in kept)

    def tear_down(self, world: World) -> None:
        """Delete rules and queues, the dead letters too."""
        world.bus.rules.clear()
        world.queues.delete(name for name in world.queues.by_name if name != DEAD)
        world.dead.messages.clear()

    def _starting(self, saga: Json) -> tuple[str, str, Json]:
        """Publish ``saga.started``."""
        event = {"Source": f"saga.{self.saga.name}", "DetailType": STARTED, "Detail": json.dumps(saga)}
        return "events", "put_events", {"Entries": [{"EventBusName": BUS, **event}]}

    @cached_property
    def _routes(self) -> tuple[Route, ...]:
        newest = routes(self._plan)
        return (*newest, *(route for plan in self._earlier for route in routes(plan, starts=False)))

    def _queue(self, world: World, name: str, consumer: Consumer, receives: int, redrive_to: Queue) -> Queue:
        """A queue, with the messages that it has already; all versions of a task share it."""
        before = world.queues.by_name.get(name)
        if before:
            before.consumer, before.most_receives = consumer, max(before.most_receives, receives)
            return before
        visibility = VISIBILITY_FACTOR * consumer.function.timeout
        return world.queues.add(
            Queue(name, visibility=visibility, consumer=consumer, most_receives=receives, redrive_to=redrive_to)
        )

    def _step_queue(self, world: World, route: Route, failed: Queue) -> None:
        consumer = Consumer(self.functions[route.participant], f"{route.step}.{route.operation}")
        queue = self._queue(
            world, _name(route), consumer, route.receives(VISIBILITY_FACTOR * consumer.function.timeout), failed
        )

        source = (("aws:SourceArn", (rule_arn(route.step, route.operation, route.version),)),)

        def send(to: Queue, message: str) -> None:
            there = world.queues.by_name.get(to.name) is to  # else it is deleted, and so is the rule
            if there and world.functions.allows(EVENTBRIDGE, Call("sqs:SendMessage", to.arn, source)):
                world.queues.send(to, message)

        world.bus.rules.append(
            Rule(
                pattern=route.pattern,
                input_paths=route.input_paths,
                input_template=route.input_template,
                target=partial(send, queue),
                undelivered=partial(send, failed),
                task=f"{route.step}.{route.operation}",
            )
        )


class Orchestrated(Style):
    """A state machine, and recovery that hears of executions that died."""

    name = "orchestrated"

    def _make(self, world: World) -> None:
        """Make the state machine, and publish a version of it."""
        machine = replace(self._machine, functions=dict(self._machine.functions))  # in this world they may be replaced
        world.states.deploy(machine, self._version)
        world.recovery = self.recovery

    def tear_down(self, world: World) -> None:
        """Delete the machine with all its versions and executions."""
        world.states.remove(self._machine.arn)

    def replace_functions(self, world: World, participants: Collection[str]) -> None:
        """Versions that are published already call the functions that are gone."""
        names = {f"${{{placeholder(name)}}}" for name in participants}
        for machine in world.states.machines.values():
            machine.functions.update(dict.fromkeys(names & machine.functions.keys(), GONE))

    def environment(self) -> dict[str, str]:
        """The variables of recovery."""
        return {**super().environment(), "SAGA_STATE_MACHINE": self._version}

    def _starting(self, saga: Json) -> tuple[str, str, Json]:
        """Start an execution under the saga's id."""
        alias, text = f"{self._machine.arn}:{LIVE}", json.dumps(saga)
        return "stepfunctions", "start_execution", {"stateMachineArn": alias, "name": saga["id"], "input": text}

    @property
    def _version(self) -> str:
        """The ARN of what it publishes."""
        return f"{self._machine.arn}:{self.revision}"

    @cached_property
    def _machine(self) -> Machine:
        timeouts = {name: int(function.timeout) + MARGIN for name, function in self.functions.items()}
        resources = {f"${{{placeholder(name)}}}": function for name, function in self.functions.items()}
        return Machine(
            machine_arn(self.saga.name), MachineStates(state_machine(self._plan, timeouts=timeouts)), resources
        )


def _name(route: Route) -> str:
    return queue_name(route.step, route.operation)


def _recovery_environment(plan: Plan) -> tuple[str, Json]:
    """What recovery knows of an earlier version, as :mod:`cdk_saga.aws` tells it."""
    known = {
        "last_compensable_step": plan.last_compensable_step,
        "changed_trigger_events": plan.trigger_events,
        "continue_on_failure": plan.continue_on_failure,
    }
    return plan.version, {"steps": plan.handlers, **{name: value for name, value in known.items() if value}}


class ResourceNotFound(Exception):
    """There is no such function any more."""


ResourceNotFound.__name__ = "Lambda.ResourceNotFoundException"


def _is_gone(_event: object, _context: object) -> object:
    raise ResourceNotFound("Function not found")


GONE: Final = Function("gone", _is_gone, 15.0, deleted=True)
"""A function that a state machine still names."""

STYLES: Final[dict[str, type[Style]]] = {"choreographed": Choreographed, "orchestrated": Orchestrated}
