"""Choreographed: commands whose retries are used up, and messages that could not be read."""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from saga_runtime import ledger, telemetry
from saga_runtime.command import Command
from saga_runtime.entry.batch import body_of, hide
from saga_runtime.envelope import parse
from saga_runtime.errors import BadCommand, Leased
from saga_runtime.events import publish
from saga_runtime.join import publish_outcome
from saga_runtime.ledger import SagaKey, SagaState
from saga_runtime.ledger.items import CLAIMS, MAX_ERROR
from saga_runtime.outcome import Outcome
from saga_runtime.recovery.context import GIVEN_UP, SagaContext
from saga_runtime.refusals import for_logs
from saga_runtime.services import variable
from saga_runtime.values import checked

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord


@dataclass(frozen=True)
class Messages:
    """Reads the queue that a saga's step queues redrive to; what it cannot answer goes to the dead-letter queue.

    Args:
        context: the saga and its ledger.
        last_compensable_step: the last step that can be undone; empty when none can.
    """

    context: SagaContext
    last_compensable_step: str

    def failed(self, record: "SQSRecord") -> None:
        """Answer one message."""
        try:
            body = body_of(record)
            if self.is_undelivered(body):
                # The event itself, without the rule's transformation: its rule gets another day to deliver it.
                checked(body["detail"], "detail", BadCommand)
                return publish(self.context.services, self.context.saga, body["detail-type"], body["detail"])
            command = self.ours(parse(body))
        except BadCommand as error:
            return self.park(record, error)
        if command.operation == "action":
            return self._action(command, record)
        return self._compensation(command, record)

    def is_undelivered(self, body: Any) -> bool:
        """Whether EventBridge put it here because it could not reach the step's queue for a day."""
        fields = cast(dict[str, object], body) if isinstance(body, dict) else {}
        told = isinstance(fields.get("detail-type"), str) and isinstance(fields.get("detail"), dict)
        return told and fields.get("source") == f"saga.{self.context.saga}"

    def ours(self, command: Command) -> Command:
        """The command, if it is one of this saga's; raises :class:`BadCommand` otherwise."""
        if command.saga_name != self.context.saga or command.handler not in self.context.steps.get(command.step, ()):
            what = f"handler {command.handler!r} for step {command.step!r} of {command.saga_name!r}"
            raise BadCommand(f"{what} is no part of saga {self.context.saga!r}")
        return command

    def _action(self, command: Command, record: "SQSRecord") -> None:
        saga, steps = SagaKey.of(command), tuple(self.context.steps)
        state = self.context.sagas.state(saga)
        if not state.is_of(command):
            return self.park(record, f"saga id {command.saga_id!r} is taken by a saga with another input")
        if not state.is_of_version(command):
            return None  # its start came again, after a deployment: it runs as it began
        if self._is_contradicted(command, state):
            return self._contradicted(command, state, record)
        step = state.steps.get(command.step, {})
        match step.get("st"):
            case "DONE" if state.meta["st"] in {"RUNNING", "COMMITTED", "COMPLETED"}:
                # It was done, and only the telling failed. During compensation there is nothing to tell any more.
                known = command.with_results(state.results)
                publish_outcome(self.context.services, command, Outcome("succeeded", known.saga))
            case "PENDING" if (left := state.seconds_left(command.step, self.context.services.now())) > 0:
                hide(self.context.services, record, left)
                raise Leased(f"{command.step!r} waits for a callback", left)
            case "FAILED":
                no = command.failed("rejected", "Rejected", str(step["err"]), recorded=True)
                publish_outcome(self.context.services, command, Outcome("rejected", no))
            case "DONE" if not state.aborted_by(command.step):
                pass
            case _:
                error, cause = self._last_error(command, state)
                why = f"{command.step}: unknown: {error}: {cause}"[:MAX_ERROR]
                aborted = self.context.sagas.abort(saga, steps, on_behalf_of=command.step, why=why, known=command)
                self._given_up(command, aborted, record)
        return None

    def _given_up(self, command: Command, state: SagaState, record: "SQSRecord") -> None:
        known, (error, cause) = command.with_results(state.results), self._last_error(command, state)
        if state.meta["st"] == "COMMITTED":
            return self._stuck(known, state, [command.step], (error, cause), record)
        aborted = state.aborted_by(command.step)
        if aborted and self.last_compensable_step and state.done([command.step]):
            # Another delivery of it was faster, so what follows may have begun: compensation starts at its very end.
            return self._unknown(replace(known, step=self.last_compensable_step), error, cause)
        if (aborted and "unknown" in command.ends) or (state.unannounced and not aborted):
            return self.context.compensated(known, cause, error)
        if not aborted:
            return None  # another request has aborted the saga, and publishes it
        return self._unknown(known, error, cause)

    def _last_error(self, command: Command, state: SagaState) -> tuple[str, str]:
        """What went wrong at the last attempt, by the ledger: class and text."""
        what = f"the {command.operation} of {command.step!r} was delivered, and no attempt has come to an end"
        return state.last_error(command.step, command.operation) or (GIVEN_UP, what)

    def _unknown(self, command: Command, error: str, cause: str) -> None:
        failed = command.failed("unknown", error, cause, recorded=True)
        publish(self.context.services, self.context.saga, f"{command.step}.unknown", failed)

    def _compensation(self, command: Command, record: "SQSRecord") -> None:
        state = self.context.sagas.state(SagaKey.of(command))
        if not state.is_of(command):
            return self.park(record, f"saga id {command.saga_id!r} is taken by a saga with another input")
        if self._is_contradicted(command, state):
            return self._contradicted(command, state, record)
        if state.undone([command.step]):
            # Nothing of it is left, so the telling is; of the last one also the ledger's, if only a fence stands there.
            sagas = ledger.Sagas(ledger.Store(self.context.services))
            if "compensated" in command.ends and not command.failed_compensations:
                sagas.compensated(SagaKey.of(command))
            failure = {**(command.failure or {}), "recorded": True}
            report = Outcome("compensated", {**command.saga, "failure": failure}, written=sagas.store.written)
            return publish_outcome(self.context.services, command, report)
        error, cause = self._last_error(command, state)
        if command.continue_on_failure:
            self.context.sagas.record_failed_compensation(SagaKey.of(command), command.step, f"{error}: {cause}")
            return publish_outcome(
                self.context.services, command, Outcome("stuck", command.with_failed_compensations(command.step))
            )
        return self._stuck(command, state, [*command.failed_compensations, command.step], (error, cause), record)

    def _is_contradicted(self, command: Command, state: SagaState) -> bool:
        return CLAIMS in state.meta or bool(ledger.unknown_steps(command, state))

    def _contradicted(self, command: Command, state: SagaState, record: "SQSRecord") -> None:
        lost = ledger.Lost(self.context.sagas.store).contradicted(command, state)
        state = self.context.sagas.state(SagaKey.of(command))
        self._stuck(command, state, self.context.in_order(state.stuck), (type(lost).__name__, str(lost)), record)

    def _stuck(
        self, command: Command, state: SagaState, steps: list[str], error: tuple[str, str], record: "SQSRecord"
    ) -> None:
        """Mark the saga as stuck; a copy of a dead letter that waits already would multiply when it is redriven."""
        saga = SagaKey.of(command)
        known = state.has_dead_letter(command.step, besides=record.message_id)
        if known and self.context.sagas.stuck_again(saga, state):
            return
        self.context.stuck(command, *error, steps, record.message_id)
        back = command.operation == "compensation"
        where = "stuck at the compensation of" if back else "past its pivot and stuck at"
        self.park(record, f"saga {command.saga_id!r} is {where} {command.step!r}: {': '.join(error)}")

    def park(self, record: "SQSRecord", reason: BadCommand | str) -> None:
        """Leave a message to an operator, with the reason."""
        fields = {"saga": self.context.saga, "reason": for_logs(reason), "message_id": record.message_id}
        telemetry.logger().error("parked", extra=fields)
        self.context.services.sqs.send_message(
            QueueUrl=variable("SAGA_DEAD_LETTER_QUEUE"),
            MessageBody=record.body,
            MessageAttributes={"reason": {"DataType": "String", "StringValue": _printable(str(reason))}},
        )


def _printable(text: str) -> str:
    """SQS refuses control characters in attributes."""
    return re.sub(r"[^\x20-\x7e]", "?", text)[:1000]
