"""Choreographed: SQS delivers a batch of commands; what became of each is told to the bus."""

import functools
import math
from typing import Any, Final, cast

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from saga_runtime import telemetry
from saga_runtime.command import Command, parse
from saga_runtime.entry.batch import body_of, each
from saga_runtime.errors import BadCommand, BadResult, Busy, InputMismatch, Leased, SagaFenced
from saga_runtime.events import announce_ending
from saga_runtime.execution import carry_out
from saga_runtime.handlers import Handlers, LambdaContext, Outside
from saga_runtime.joining import tell
from saga_runtime.ledger.outside import GRACE
from saga_runtime.services import Services
from saga_runtime.values import shown

Json = dict[str, Any]
HOPELESS: Final = (BadCommand, BadResult, InputMismatch)
"""No attempt can change these: delivered again at once, the message is soon where somebody looks at it."""
NO_PATIENCE: Final = {"interval": 0, "backoff": 1, "cap": 0}
"""The policy of a command that brings none."""


def handle(participant: Handlers, event: Json, context: LambdaContext) -> Any:
    """Carry out each command of the batch; the answer names the messages to deliver again."""
    return each(event, functools.partial(_one, participant, context))


def _one(participant: Handlers, context: LambdaContext, record: SQSRecord) -> None:
    try:
        _attempt(participant, context, record)
    except HOPELESS:
        _wait(participant.services, record, 0)
        raise


def _attempt(participant: Handlers, context: LambdaContext, record: SQSRecord) -> None:
    command = _command(record)
    try:
        report = carry_out(participant, command, context)
        tell(participant.services, command, report)
    except SagaFenced as late:
        # Whoever fenced the saga also told the bus, unless it was cancelled before anybody knew what it was about.
        if command.first and late.never_began:
            announce_ending(participant.services, command, "COMPENSATED", command.saga)
    except HOPELESS:
        raise
    except Exception as error:
        lease = _lease(participant, command, context, error)
        _wait(participant.services, record, math.ceil(max(lease, _ladder(participant.services, record))))
        raise


def _command(record: SQSRecord) -> Command:
    try:
        body = body_of(record)
        command = parse(body, attempt=_receives(record))
        _check_policy(body["task"].get("retry", NO_PATIENCE))
    except BadCommand as error:
        telemetry.logger().error("refused", extra={"reason": str(error), "message_id": record.message_id})
        raise
    return command


def _receives(record: SQSRecord) -> int:
    return int(record.attributes.approximate_receive_count)


def _lease(participant: Handlers, command: Command, context: LambdaContext, error: Exception) -> float:
    """Seconds for which another attempt would only find a lease running, and so be one attempt less."""
    if isinstance(error, Leased):
        return error.retry_after
    outside = not isinstance(error, Busy) and isinstance(participant.find(command), Outside)
    return context.get_remaining_time_in_millis() / 1000 + GRACE if outside else 0


def _ladder(services: Services, record: SQSRecord) -> float:
    """Seconds until the next attempt by the step's policy, with full jitter."""
    policy = body_of(record)["task"].get("retry", NO_PATIENCE)
    longest = min(policy["cap"], policy["interval"] * policy["backoff"] ** (_receives(record) - 1))
    return longest * services.chance()


def _check_policy(policy: object) -> None:
    fields = cast(Json, policy) if isinstance(policy, dict) else {}
    told = [fields.get(name) for name in NO_PATIENCE]
    if not all(isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in told):
        given = shown(cast(object, policy))
        raise BadCommand(f"task.retry is {given}: {', '.join(NO_PATIENCE)} belong there, as numbers")


def _wait(services: Services, record: SQSRecord, seconds: int) -> None:
    services.sqs.change_message_visibility(
        QueueUrl=_queue_url(services, record.event_source_arn),
        ReceiptHandle=record.receipt_handle,
        VisibilityTimeout=seconds,
    )


def _queue_url(services: Services, arn: str) -> str:
    account, name = arn.split(":")[4:]
    return services.sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
