"""Choreographed: SQS delivers a batch of commands; what became of each is published."""

import functools
import math
from typing import Any, Final, NoReturn, cast

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from saga_runtime import ledger, telemetry
from saga_runtime.command import Command
from saga_runtime.entry.batch import body_of, each, give_up, hide
from saga_runtime.envelope import parse
from saga_runtime.errors import (
    AnotherVersion,
    BadCommand,
    BadResult,
    CallbackPending,
    CallbackTimedOut,
    Contradiction,
    InputMismatch,
    Leased,
    RejectedPastPivot,
    SagaFenced,
    UsedUp,
)
from saga_runtime.events import announce_ending
from saga_runtime.execution import carry_out, is_an_attempt
from saga_runtime.handlers import Handlers, LambdaContext
from saga_runtime.join import publish_outcome
from saga_runtime.ledger.store import Written
from saga_runtime.outcome import Outcome
from saga_runtime.refusals import for_logs, refusal
from saga_runtime.services import Services

Json = dict[str, Any]
HOPELESS: Final = (
    BadCommand,
    BadResult,
    Contradiction,
    InputMismatch,
    RejectedPastPivot,
    UsedUp,
    CallbackTimedOut,
)
"""No attempt can change these: the message goes to the queue of failed commands, which recovery reads."""
NO_PATIENCE: Final = {"max_attempts": 0, "interval": 0, "backoff_rate": 1, "max_delay": 0}
"""The policy of a command that brings none."""
PATIENCE: Final = {"interval": 1, "backoff_rate": 2, "max_delay": 300}
"""The ladder for deliveries that reach no handler: a conflict, a throttle, a lease. State machines have the same."""


def handle(participant: Handlers, event: Json, context: LambdaContext) -> Any:
    """Carry out each command of the batch; the answer names the messages to deliver again."""
    return each(event, functools.partial(_one, participant, context))


def _one(participant: Handlers, context: LambdaContext, record: SQSRecord) -> None:
    try:
        _attempt(participant, context, record)
    except HOPELESS:
        if not give_up(participant.services, record):
            raise


def _attempt(participant: Handlers, context: LambdaContext, record: SQSRecord) -> None:
    command, policy = _command(record)
    carried_out = False
    try:
        command = ledger.counted(ledger.Store(participant.services), command, 1 + policy["max_attempts"])
        report = carry_out(participant, command, context)
        carried_out = True
        if report.outcome == "pending":
            _keep_time(participant.services, record, report.seconds)
        elif report.outcome != "passed":
            publish_outcome(participant.services, command, report)
    except SagaFenced as late:
        # The request that fenced the saga also published that, unless it was cancelled before its first command.
        if command.first and late.never_began:
            closed = Outcome("fenced", command.saga, written=Written(unannounced=True))
            announce_ending(participant.services, command, "COMPENSATED", closed)
    except AnotherVersion:
        pass  # its start came again, after a deployment: it runs as it began
    except (*HOPELESS, CallbackPending):
        raise
    except Exception as error:
        failed = not carried_out and is_an_attempt(error)
        pause = _until_next_attempt(command, policy) if failed else _until_next_delivery(command)
        hide(participant.services, record, max(pause * participant.services.chance(), _lease(error)))
        raise


def _keep_time(services: Services, record: SQSRecord, seconds: float) -> NoReturn:
    """The message of a step that waits is its timer: it comes back when the time is over, or at the latest SQS allows.

    Raises:
        CallbackPending: always, so that the message is kept.
    """
    hide(services, record, seconds)
    raise CallbackPending("the message is kept until the step's time is over", seconds)


def _command(record: SQSRecord) -> tuple[Command, Json]:
    try:
        body = body_of(record)
        command = parse(body, attempt=int(record.attributes.approximate_receive_count), message=record.message_id)
        policy = _checked_policy(body["task"].get("retry", NO_PATIENCE))
    except BadCommand as error:
        telemetry.logger().error("refused", extra={"reason": for_logs(error), "message_id": record.message_id})
        raise
    return command, policy


def _until_next_attempt(command: Command, policy: Json) -> float:
    """Seconds at most until the handler is executed again, by the step's policy; none if it is not."""
    return 0.0 if command.attempt > policy["max_attempts"] else _wait(policy, command.attempt)


def _until_next_delivery(command: Command) -> float:
    """Seconds at most until a delivery that used no attempt is repeated."""
    return _wait(PATIENCE, 1 + command.delivery - command.attempt)


def _lease(error: Exception) -> float:
    """Seconds for which another delivery would only meet a lease."""
    return error.retry_after if isinstance(error, Leased) else 0.0


def _wait(ladder: Json, number: int) -> float:
    return min(ladder["max_delay"], ladder["interval"] * ladder["backoff_rate"] ** (number - 1))


def _checked_policy(policy: object) -> Json:
    fields = cast(Json, policy) if isinstance(policy, dict) else {}
    told = [fields.get(name) for name in NO_PATIENCE]
    if not all(isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in told):
        rule = f"{', '.join(NO_PATIENCE)} belong there, as numbers"
        raise BadCommand(refusal("task.retry", cast(object, policy), rule))
    return fields
