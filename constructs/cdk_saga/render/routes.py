"""A plan as routes: which events put which command into whose queue."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from cdk_saga.definition import Retry
from cdk_saga.definition.retry import MAX_DELAY, VISIBILITY_FACTOR
from cdk_saga.plan import STARTED, Operation, Plan, Task
from cdk_saga.render.bounds import checked_task
from cdk_saga.render.patience import RECOVERY_RECEIVES, allowance

INPUT_PATHS: Final = {"saga": "$.detail"}
"""The variables of :attr:`Route.input_template`."""
BEGINNING: Final = {**INPUT_PATHS, "event": "$.detail-type"}
"""Those of a route by which sagas begin."""
RECEIVED: Final = "<aws.events.event.ingestion-time>"
"""When EventBridge received the event; its ``time`` is what its publisher says."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """The way into one task: a rule's pattern, and the message it makes of an event.

    Args:
        saga: the saga's name; its events have the source ``saga.<name>``.
        version: the definition the route belongs to; sagas in flight stay on the version they started with.
        step: the step.
        operation: its direction.
        participant: who consumes the queue.
        detail_types: the events that lead here.
        task: the task spec of the command.
        retry: further attempts, applied by the queue's visibility time-out.
        callback_timeout: seconds the step may wait for a callback.
        begins: whether sagas begin here.
    """

    saga: str
    version: str
    step: str
    operation: Operation
    participant: str
    detail_types: tuple[str, ...]
    task: dict[str, Any]
    retry: Retry
    callback_timeout: int = 0
    begins: bool = False

    def receives(self, visibility: float) -> int:
        """How often a command is delivered at most.

        The policy's attempts, those that reach no handler, and one every 10 hours as the timer of a step that waits.

        Args:
            visibility: seconds that the queue hides a message by itself.
        """
        return 1 + self.retry.max_attempts + allowance(visibility) + math.ceil(self.callback_timeout / MAX_DELAY)

    @cached_property
    def pattern(self) -> dict[str, Any]:
        """The event pattern of the rule."""
        events = {"source": [f"saga.{self.saga}"], "detail-type": list(self.detail_types)}
        # What a starter says of the version is not believed: it may have been deployed with an earlier one.
        return events if self.begins else {**events, "detail": {"version": [self.version]}}

    @property
    def input_paths(self) -> dict[str, str]:
        """The variables of :attr:`input_template`."""
        return BEGINNING if self.begins else INPUT_PATHS

    @cached_property
    def input_template(self) -> str:
        """The rule target's input template: the same command that a state machine passes."""
        start = f',"start":{{"event":"<event>","at":"{RECEIVED}"}}' if self.begins else ""
        return f'{{"task":{json.dumps(self.task, separators=(",", ":"))},"saga":<saga>{start}}}'


def failed_receives(taken: Iterable[Route], timeouts: Mapping[str, float]) -> int:
    """Receives that the queue of failed commands allows: more than any step queue, and then those of recovery.

    A message that SQS moves there keeps its receive count: AWS does not document it; LocalStack, which tests against
    AWS, corrected its own behaviour to that (localstack/localstack pull request 10425). One that the runtime sends
    there begins at zero.

    Args:
        taken: the routes of all versions.
        timeouts: seconds that each participant's function may take.
    """
    return RECOVERY_RECEIVES + max(route.receives(VISIBILITY_FACTOR * timeouts[route.participant]) for route in taken)


def routes(plan: Plan, *, starts: bool = True) -> tuple[Route, ...]:
    """Render ``plan`` as one route a task.

    Args:
        plan: the compiled saga.
        starts: whether new sagas begin with this version; those of an earlier one only go on.

    Raises:
        DefinitionError: a command is too long for an input template.
    """
    return tuple(_route(plan, task, starts=starts) for task in plan.tasks)


def _route(plan: Plan, task: Task, *, starts: bool) -> Route:
    route = Route(
        saga=plan.saga,
        version=plan.version,
        step=task.id.step,
        operation=task.id.operation,
        participant=task.participant,
        detail_types=_events_to(plan, task, starts=starts),
        task={**plan.payload(task), "retry": _retry_policy(task.retry)},
        retry=task.retry,
        callback_timeout=task.callback_timeout or 0,
        begins=task.first,
    )
    checked_task(plan, task, route.input_template)
    return route


def _events_to(plan: Plan, task: Task, *, starts: bool) -> tuple[str, ...]:
    """The events that lead to a task. The first one is asked again by the version, which only recovery may."""
    events = plan.events_to(task.id)
    if not task.first:
        return events
    return (*(event for event in events if starts or event != STARTED), f"{STARTED}.{plan.version}")


def _retry_policy(retry: Retry) -> dict[str, Any]:
    """What the runtime needs to apply the policy."""
    return {
        "max_attempts": retry.max_attempts,
        "interval": retry.interval,
        "backoff_rate": retry.backoff_rate,
        "max_delay": retry.max_delay,
    }
