"""The relay: whatever died on the way is told to the saga, so that it goes back instead of hanging.

One small Lambda function a saga. Choreographed, it reads the queue of commands whose retries are used up; orchestrated,
it hears of executions that failed, timed out or were stopped. Either way the ledger decides, not what died. It also
takes orders (cancel, resume, forgive, replay, redrive) and answers to steps that wait. And on a schedule it looks for
sagas that nobody works on any more.

Every saga is answered by the version of the definition that it started with.
"""

import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from saga_runtime.entry.batch import body_of, each
from saga_runtime.envelope import checked_id
from saga_runtime.errors import BadCommand
from saga_runtime.handlers import LambdaContext
from saga_runtime.ledger import SagaKey
from saga_runtime.refusals import discreetly
from saga_runtime.relay.executions import Executions
from saga_runtime.relay.messages import Messages
from saga_runtime.relay.news import news_in
from saga_runtime.relay.orders import Orders
from saga_runtime.relay.replay import letter
from saga_runtime.relay.verdict import Verdict
from saga_runtime.relay.versions import Known, from_environment
from saga_runtime.relay.watch import Watch
from saga_runtime.relay.ways import ByEvents, ByMachine
from saga_runtime.services import Services, variable

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

Json = dict[str, Any]

__all__ = ["ByEvents", "ByMachine", "Executions", "Messages", "Orders", "Relay", "Verdict", "Watch", "handler"]


@dataclass
class Relay:
    """The relay of the saga that its environment names.

    Args:
        services: AWS and the clock; from the environment unless a test brings its own.
    """

    services: Services = field(default_factory=Services)

    def handler(self, event: Json, context: LambdaContext) -> Any:
        """The Lambda entry point: an order, a look, a batch of messages, or an "Execution Status Change" event."""
        with discreetly():
            return self._answer(event, context)

    def _answer(self, event: Json, context: LambdaContext) -> Any:
        if "order" in event:
            return self._orders(self._version_meant(event)).obey(event)
        if "watch" in event:
            return Watch(self._orders, **event["watch"]).look(context)
        if "Records" in event:
            return each(event, self._message)
        news = news_in(event)
        return Executions(self._verdicts[self._newest]).failed(news)

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
        events = ByEvents(self.services, known.forward_events)
        way = ByMachine(self.services, machine, self._newest) if machine else events
        return Orders(verdict, way, known.turn)

    def _version_meant(self, order: Json) -> str:
        """The version of the saga, or of the dead letter, that an order is about; empty for none or one not begun."""
        if order["order"] == "redrive":
            return self._version_in(letter(order.get("body")))
        key = SagaKey(variable("SAGA_NAME"), checked_id(order.get("id")))
        return str(self._verdicts[self._newest].sagas.state(key).meta.get("v", ""))

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
