"""Recovers sagas whose execution or message failed: starts compensation from the ledger.

One small Lambda function a saga. Choreographed, it reads the queue of commands whose retries are used up; orchestrated,
it hears of executions that failed, timed out or were stopped. Either way the ledger decides, not what died. By the
alias ``manage`` it takes operations (cancel, resume, skip, retry, redrive), by ``answer`` answers to steps that
wait. And on a schedule it looks for sagas that have stopped making progress.

Every saga is answered by the version of the definition that it started with.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from saga_runtime.entry.batch import body_of, each
from saga_runtime.envelope import checked_id
from saga_runtime.errors import BadCommand
from saga_runtime.handlers import LambdaContext
from saga_runtime.ledger import SagaKey
from saga_runtime.recovery import undeployed
from saga_runtime.recovery.context import SagaContext
from saga_runtime.recovery.engines import EventEngine, StateMachineEngine
from saga_runtime.recovery.executions import Executions
from saga_runtime.recovery.messages import Messages
from saga_runtime.recovery.news import news_in
from saga_runtime.recovery.operations import ANSWERS, OPERATIONS, ControlOperations
from saga_runtime.recovery.redrive import Redrive
from saga_runtime.recovery.retry import StepRetry, read_dead_letter
from saga_runtime.recovery.versions import KnownVersion, from_environment
from saga_runtime.recovery.watchdog import Watchdog
from saga_runtime.refusals import discreetly, refusal
from saga_runtime.services import Services, variable

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

Json = dict[str, Any]
QUALIFIER: Final = 7
"""Where an alias stands in the ARN of a function: ``arn:aws:lambda:<region>:<account>:function:<name>:<alias>``."""

__all__ = [
    "ControlOperations",
    "EventEngine",
    "Executions",
    "Messages",
    "Recovery",
    "SagaContext",
    "StateMachineEngine",
    "Watchdog",
    "handler",
]


class RecoveryContext(LambdaContext, Protocol):
    """Lambda's context object, with what this function reads of it besides."""

    @property
    def invoked_function_arn(self) -> str:
        """By which ARN it is invoked, the alias included."""
        ...


@dataclass
class Recovery:
    """Recovery of the saga that its environment names.

    Args:
        services: AWS and the clock; from the environment unless a test brings its own.
    """

    services: Services = field(default_factory=Services)

    def handler(self, event: Json, context: RecoveryContext) -> Any:
        """The Lambda entry point. The alias by which it is invoked says what the caller may: IAM grants each apart.

        AWS Lambda tells the function the ARN that was used ("AWS Lambda context object in Python",
        ``invoked_function_arn``); without an alias only the saga's own rules and its queue invoke it.
        """
        with discreetly():
            match context.invoked_function_arn.split(":")[QUALIFIER:]:
                case ["answer"]:
                    return self._operate(event, ANSWERS)
                case ["manage"]:
                    return self._operate(event, OPERATIONS)
                case _:
                    return self._recover(event, context)

    def _operate(self, event: Json, allowed: Sequence[str]) -> Json:
        if event.get("operation") not in allowed:
            raise BadCommand(refusal("operation", event.get("operation"), f"here it is one of {', '.join(allowed)}"))
        if event["operation"] == "redrive":
            return Redrive(self.services, self.act_on).next(event)
        saga = SagaKey(variable("SAGA_NAME"), checked_id(event.get("id")))
        state = self._contexts[self._newest].sagas.state(saga)
        version = str(state.meta.get("v", ""))
        if event["operation"] == "cancel" and version and version not in self._known:
            return undeployed.cancel(self.services, saga, state)
        return self._operations(version).perform(event)

    def _recover(self, event: Json, context: LambdaContext) -> Any:
        """What AWS brings: a look by the schedule, a batch of messages, or how an execution ended."""
        if "watchdog" in event:
            late, silent = int(variable("SAGA_LATE_ALARM_AFTER")), int(variable("SAGA_SILENT"))
            return Watchdog(self._operations, late=late, silent=silent).look(context)
        if "Records" in event:
            return each(event, self._message)
        news = news_in(event)
        return Executions(self._contexts[self._newest]).failed(news)

    def act_on(self, body: str) -> Json:
        """Act on a dead letter, by the version of its saga; raises :class:`BadCommand` when nothing can."""
        known = read_dead_letter(body)
        return StepRetry(self._operations(self._version_in(known))).redrive(known)

    def _message(self, record: "SQSRecord") -> None:
        newest = Messages(self._contexts[self._newest], self._known[self._newest].last_compensable_step)
        try:
            version = self._version_in(body_of(record))
            context = newest.context.of(version)
        except BadCommand as error:
            return newest.park(record, error)
        return Messages(context, self._known[version].last_compensable_step).failed(record)

    def _operations(self, version: str) -> ControlOperations:
        """How sagas of a version are looked after; raises :class:`BadCommand` for one that is not known."""
        version = version or self._newest
        context, known = self._contexts[self._newest].of(version), self._known[version]
        machine = os.environ.get("SAGA_STATE_MACHINE")
        way = (
            StateMachineEngine(self.services, machine) if machine else EventEngine(self.services, known.trigger_events)
        )
        return ControlOperations(context, way, known.last_compensable_step)

    def _version_in(self, body: Any) -> str:
        """The version of a command; the newest for whatever else arrives, which no version's plan is needed for."""
        task = cast(Json, body).get("task") if isinstance(body, dict) else None
        version = cast(Json, task).get("version") if isinstance(task, dict) else None
        return version if isinstance(version, str) and version else self._newest

    @property
    def _newest(self) -> str:
        return next(iter(self._known))

    @cached_property
    def _known(self) -> dict[str, KnownVersion]:
        return from_environment()

    @cached_property
    def _contexts(self) -> dict[str, SagaContext]:
        name, versions = variable("SAGA_NAME"), dict[str, SagaContext]()
        for version, known in self._known.items():
            versions[version] = SagaContext(
                name, known.steps, self.services, version, known.continue_on_failure, versions
            )
        return versions


handler = Recovery().handler
