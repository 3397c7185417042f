"""The choreographed style: participants react to each other's events, nobody is in charge."""

from collections.abc import Mapping, Sequence
from typing import Final, cast

from aws_cdk import aws_lambda as lambda_

from cdk_saga.aws.consumer import Consumer
from cdk_saga.aws.errors import WiringError
from cdk_saga.aws.lane import Lane
from cdk_saga.aws.queues import KEPT, allow_rules, saga_queue
from cdk_saga.aws.style import SagaStyle
from cdk_saga.aws.wiring import Wired
from cdk_saga.definition.retry import VISIBILITY_FACTOR
from cdk_saga.limits import RESOURCES
from cdk_saga.plan import Plan
from cdk_saga.render import Route, routes
from cdk_saga.render.patience import failed_receives
from cdk_saga.render.permissions import FAILED, queue_of

LANE: Final = 4
"""Resources of a :class:`Lane`: queue, queue policy, rule, event source; each earlier version adds a rule."""
FURTHER: Final = 20
"""Resources of a saga without lanes and consumers: relay, queues, alarms."""


class ChoreographedSaga(SagaStyle):
    """A saga as rules and queues; parameters are those of :class:`SagaStyle`.

    A command whose attempts are used up goes to one queue, ``failed``. The relay consumes it: an action becomes the
    event ``<step>.unknown``, so that the saga compensates; a compensation is stuck and parked in the dead-letter queue.

    Attributes:
        lanes: rules, queue and event source of each task, by ``<step>.<operation>``.
        failed_queue: where commands wait for the relay.
    """

    STYLE = "choreographed"

    def _render(self, plan: Plan, draining: Sequence[Plan], wired: Mapping[str, Wired]) -> None:
        lanes = _lanes([plan, *draining])
        _check_room(plan, draining, len(lanes), len(wired))
        timeout = self.relay.timeout_seconds
        self.failed_queue = saga_queue(
            self,
            "Failed",
            retention=KEPT,
            consumer_timeout=timeout,
            redrive_to=self.dead_letter_queue,
            attempts=failed_receives(max(_receives(taken, wired) for taken in lanes.values())),
            encryption_key=self._key,
        )
        allow_rules(self.failed_queue, self.bus.rules_arn(self))
        self._employ_relay(Wired(name="relay", function=cast(lambda_.IFunction, self.relay), timeout=timeout))
        self._permissions.names[FAILED] = self.failed_queue.arn
        consumers = {
            name: Consumer(w, self._permissions.policy(name, w.role("read queues"))) for name, w in wired.items()
        }
        self.bus.expect_rules(self.saga, sum(map(len, lanes.values())))
        self.lanes = {
            id: self._lane(id, taken, consumers[taken[0].participant], wired[taken[0].participant])
            for id, taken in lanes.items()
        }

    def _employ_relay(self, relay: Wired) -> None:
        Consumer(relay).consume(self.relay, self.failed_queue)

    def _lane(self, id: str, taken: Sequence[Route], consumer: Consumer, wired: Wired) -> Lane:
        lane = Lane(
            self,
            id,
            routes=taken,
            newest=self.saga.version,
            bus=self.bus,
            consumer=consumer,
            timeout=wired.timeout,
            failed=self.failed_queue,
            encryption_key=self._key,
        )
        self._permissions.names[queue_of(taken[0].step, taken[0].operation)] = lane.queue.arn
        return lane

    def _entry(self) -> str:
        return self.bus.event_bus.event_bus_name


def _lanes(plans: Sequence[Plan]) -> dict[str, list[Route]]:
    """The routes of every version by the lane they take: a task keeps its queue, with the commands in it.

    Raises:
        WiringError: a step has changed hands, so that its commands would be read by who does not know them.
    """
    lanes: dict[str, list[Route]] = {}
    newest = plans[0]
    for route in (route for plan in plans for route in routes(plan, starts=plan is newest)):
        taken = lanes.setdefault(f"{route.step}.{route.operation}", [])
        if taken and taken[0].participant != route.participant:
            raise WiringError(
                f"saga {route.saga!r}, step {route.step!r} is carried out by {taken[0].participant!r}, in the draining "
                f"version {route.version} by {route.participant!r}; give the new step another name"
            )
        taken.append(route)
    return lanes


def _receives(taken: Sequence[Route], wired: Mapping[str, Wired]) -> int:
    return max(route.receives(VISIBILITY_FACTOR * wired[route.participant].timeout) for route in taken)


def _check_room(plan: Plan, draining: Sequence[Plan], lanes: int, functions: int) -> None:
    """A stack holds a choreographed saga of 59 steps; before hundreds of constructs are made in vain, say so."""
    tasks = sum(len(one.tasks) for one in (plan, *draining))
    number = FURTHER + functions + LANE * lanes + (tasks - lanes)
    whose = f"saga {plan.saga!r}, choreographed: {tasks} tasks"
    cure = "orchestrate it, which takes no more resources the longer it is, or make two sagas of it"
    RESOURCES.check(number, whose, cure, WiringError)
