"""The relay: whatever died on the way is told to the saga, so that it goes back instead of hanging.

One small Lambda function a saga. Choreographed, it reads the queue of commands whose retries are used up; orchestrated,
it hears of executions that failed, timed out or were stopped. Either way the ledger decides, not what died. By the
alias ``manage`` it takes operations (cancel, resume, forgive, replay, redrive), by ``answer`` answers to steps that
wait. And on a schedule it looks for sagas that nobody works on any more.

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
from saga_runtime.refusals import discreetly, refusal
from saga_runtime.relay import undeployed
from saga_runtime.relay.executions import Executions
from saga_runtime.relay.messages import Messages
from saga_runtime.relay.news import news_in
from saga_runtime.relay.orders import ANSWERS, OPERATIONS, Orders
from saga_runtime.relay.redrive import Redrive
from saga_runtime.relay.replay import Replay, letter
from saga_runtime.relay.verdict import Verdict
from saga_runtime.relay.versions import Known, from_environment
from saga_runtime.relay.watch import Watch
from saga_runtime.relay.ways import ByEvents, ByMachine
from saga_runtime.services import Services, variable

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

Json = dict[str, Any]
QUALIFIER: Final = 7
"""Where an alias stands in the ARN of a function: ``arn:aws:lambda:<region>:<account>:function:<name>:<alias>``."""

__all__ = ["ByEvents", "ByMachine", "Executions", "Messages", "Orders", "Relay", "Verdict", "Watch", "handler"]


class RecoveryContext(LambdaContext, Protocol):
    """Lambda's context object, with what this function reads of it besides."""

    @property
    def invoked_function_arn(self) -> str:
        """By which ARN it is invoked, the alias included."""
        ...


@dataclass
class Relay:
    """The relay of the saga that its environment names.

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
        if event.get("order") not in allowed:
            raise BadCommand(refusal("order", event.get("order"), f"here it is one of {', '.join(allowed)}"))
        if event["order"] == "redrive":
            return Redrive(self.services, self.act_on).next(event)
        saga = SagaKey(variable("SAGA_NAME"), checked_id(event.get("id")))
        state = self._verdicts[self._newest].sagas.state(saga)
        version = str(state.meta.get("v", ""))
        if event["order"] == "cancel" and version and version not in self._known:
            return undeployed.cancel(self.services, saga, state)
        return self._orders(version).obey(event)

    def _recover(self, event: Json, context: LambdaContext) -> Any:
        """What AWS brings: a look by the schedule, a batch of messages, or how an execution ended."""
        if "watch" in event:
            late, silent = int(variable("SAGA_LATE")), int(variable("SAGA_SILENT"))
            return Watch(self._orders, late=late, silent=silent).look(context)
        if "Records" in event:
            return each(event, self._message)
        news = news_in(event)
        return Executions(self._verdicts[self._newest]).failed(news)

    def act_on(self, body: str) -> Json:
        """Act on a dead letter, by the version of its saga; raises :class:`BadCommand` when nothing can."""
        known = letter(body)
        return Replay(self._orders(self._version_in(known))).letter(known)

    def _message(self, record: "SQSRecord") -> None:
        newest = Messages(self._verdicts[self._newest], self._known[self._newest].turn)
        try:
            version = self._version_in(body_of(record))
            verdict = newest.verdict.of(version)
        except BadCommand as error:
            return newest.park(record, error)
        return Messages(verdict, self._known[version].turn).failed(record)

    def _orders(self, version: str) -> Orders:
        """How sagas of a version are looked after; raises :class:`BadCommand` for one that is not known."""
        version = version or self._newest
        verdict, known = self._verdicts[self._newest].of(version), self._known[version]
        machine = os.environ.get("SAGA_STATE_MACHINE")
        way = ByMachine(self.services, machine) if machine else ByEvents(self.services, known.forward_events)
        return Orders(verdict, way, known.turn)

    def _version_in(self, body: Any) -> str:
        """The version of a command; the newest for whatever else arrives, which no version's plan is needed for."""
        task = cast(Json, body).get("task") if isinstance(body, dict) else None
        version = cast(Json, task).get("version") if isinstance(task, dict) else None
        return version if isinstance(version, str) and version else self._newest

    @property
    def _newest(self) -> str:
        return next(iter(self._known))

    @cached_property
    def _known(self) -> dict[str, Known]:
        return from_environment()

    @cached_property
    def _verdicts(self) -> dict[str, Verdict]:
        name, versions = variable("SAGA_NAME"), dict[str, Verdict]()
        for version, known in self._known.items():
            versions[version] = Verdict(name, known.steps, self.services, version, known.goes_on, versions)
        return versions


handler = Relay().handler
