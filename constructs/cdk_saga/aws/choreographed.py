"""The choreographed style: participants react to each other's events, without a coordinator."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Final, cast

from aws_cdk import aws_lambda as lambda_

from cdk_saga.aws.consumer import Consumer
from cdk_saga.aws.errors import WiringError
from cdk_saga.aws.queues import KEPT, allow_rules, saga_queue
from cdk_saga.aws.saga import SagaBase
from cdk_saga.aws.step_queue import StepQueue
from cdk_saga.aws.wiring import Wired
from cdk_saga.limits import RESOURCES
from cdk_saga.plan import Plan
from cdk_saga.render import Route, failed_receives, routes
from cdk_saga.render.permissions import FAILED, queue_of

STEP_QUEUE: Final = 4
"""Resources of a :class:`StepQueue`: queue, queue policy, rule, event source; each earlier version adds a rule."""
FURTHER: Final = 20
"""Resources of a saga without step queues and consumers: recovery, queues, alarms."""


class ChoreographedSaga(SagaBase):
    """A saga as rules and queues; parameters are those of :class:`SagaBase`.

    A command whose attempts are used up goes to one queue, ``failed``. Recovery consumes it: an action becomes the
    event ``<step>.unknown``, so that the saga compensates; a compensation is stuck and parked in the dead-letter queue.

    Attributes:
        step_queues: rules, queue and event source of each task, by ``<step>.<operation>``.
        failed_queue: where commands wait for recovery.
    """

    style = "choreographed"

    def _render(self, plan: Plan, previous_versions: Sequence[Plan], wired: Mapping[str, Wired]) -> None:
        step_queues = _step_queues([plan, *previous_versions])
        _check_stack_size(plan, previous_versions, len(step_queues), len(wired))
        timeout = self.recovery.timeout_seconds
        self.failed_queue = saga_queue(
            self,
            "Failed",
            retention=KEPT,
            consumer_timeout=timeout,
            redrive_to=self.dead_letter_queue,
            attempts=failed_receives(chain(*step_queues.values()), {name: one.timeout for name, one in wired.items()}),
            encryption_key=self._key,
        )
        allow_rules(self.failed_queue, self.bus.rules_arn(self))
        self._add_recovery_permissions(
            Wired(name="recovery", function=cast(lambda_.IFunction, self.recovery), timeout=timeout)
        )
        self._permissions.names[FAILED] = self.failed_queue.arn
        consumers = {
            name: Consumer(w, self._permissions.policy(name, w.role("read queues"))) for name, w in wired.items()
        }
        self.bus.expect_rules(self.saga, sum(map(len, step_queues.values())))
        self.step_queues = {
            id: self._step_queue(id, taken, consumers[taken[0].participant], wired[taken[0].participant])
            for id, taken in step_queues.items()
        }

    def _add_recovery_permissions(self, recovery: Wired) -> None:
        Consumer(recovery).consume(self.recovery, self.failed_queue)

    def _step_queue(self, id: str, taken: Sequence[Route], consumer: Consumer, wired: Wired) -> StepQueue:
        step_queue = StepQueue(
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
        self._permissions.names[queue_of(taken[0].step, taken[0].operation)] = step_queue.queue.arn
        return step_queue

    def _entry(self) -> str:
        return self.bus.event_bus.event_bus_name


def _step_queues(plans: Sequence[Plan]) -> dict[str, list[Route]]:
    """The routes of every version by the step queue they take: a task keeps its queue, with the commands in it.

    Raises:
        WiringError: a step has changed hands, so that its commands would be read by who does not know them.
    """
    step_queues: dict[str, list[Route]] = {}
    newest = plans[0]
    for route in (route for plan in plans for route in routes(plan, starts=plan is newest)):
        taken = step_queues.setdefault(f"{route.step}.{route.operation}", [])
        if taken and taken[0].participant != route.participant:
            raise WiringError(
                f"saga {route.saga!r}, step {route.step!r} is carried out by {taken[0].participant!r}, in the previous "
                f"version {route.version} by {route.participant!r}; give the new step another name"
            )
        taken.append(route)
    return step_queues


def _check_stack_size(plan: Plan, previous_versions: Sequence[Plan], step_queues: int, functions: int) -> None:
    """A stack holds a choreographed saga of 59 steps; refuse more before constructs are made."""
    tasks = sum(len(one.tasks) for one in (plan, *previous_versions))
    number = FURTHER + functions + STEP_QUEUE * step_queues + (tasks - step_queues)
    whose = f"saga {plan.saga!r}, choreographed: {tasks} tasks"
    cure = "orchestrate it, which takes no more resources the longer it is, or make two sagas of it"
    RESOURCES.check(number, whose, cure, WiringError)
