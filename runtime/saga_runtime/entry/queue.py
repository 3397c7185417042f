"""Choreographed: SQS delivers a batch of commands; what became of each is told to the bus."""

import functools
import math
from typing import Any, Final

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from saga_runtime import telemetry
from saga_runtime.command import Command, parse
from saga_runtime.entry.batch import body_of, each
from saga_runtime.errors import BadCommand, Busy, InputMismatch, SagaFenced
from saga_runtime.events import announce
from saga_runtime.execution import carry_out
from saga_runtime.participant import LambdaContext, Participant
from saga_runtime.services import Services

Json = dict[str, Any]
HOPELESS: Final = (BadCommand, InputMismatch)
"""No attempt can change these: delivered again at once, the message is soon where somebody looks at it."""


def handle(participant: Participant, event: Json, context: LambdaContext) -> Any:
    """Carry out each command of the batch; the answer names the messages to deliver again."""
    return each(event, functools.partial(_one, participant, context))


def _one(participant: Participant, context: LambdaContext, record: SQSRecord) -> None:
    try:
        command = _command(record)
        report = carry_out(participant, command, context)
        announce(participant.services, command, report.outcome, report.saga)
    except SagaFenced:
        return  # late: whoever fenced the saga also told the bus
    except HOPELESS:
        _wait(participant.services, record, 0)
        raise
    except Exception as error:
        _wait(participant.services, record, _delay(participant.services, record, error))
        raise


def _command(record: SQSRecord) -> Command:
    try:
        return parse(body_of(record), attempt=_receives(record))
    except BadCommand as error:
        telemetry.logger().error("refused", extra={"reason": str(error), "message_id": record.message_id})
        raise


def _receives(record: SQSRecord) -> int:
    return int(record.attributes.approximate_receive_count)


def _delay(services: Services, record: SQSRecord, error: Exception) -> int:
    """Seconds until the next attempt: the step's ladder with full jitter, but never inside a running lease."""
    ladder = body_of(record)["task"]["retry"]
    longest = min(ladder["cap"], ladder["interval"] * ladder["backoff"] ** (_receives(record) - 1))
    return math.ceil(max(longest * services.chance(), error.retry_after if isinstance(error, Busy) else 0))


def _wait(services: Services, record: SQSRecord, seconds: int) -> None:
    services.sqs.change_message_visibility(
        QueueUrl=_queue_url(services, record.event_source_arn),
        ReceiptHandle=record.receipt_handle,
        VisibilityTimeout=seconds,
    )


def _queue_url(services: Services, arn: str) -> str:
    account, name = arn.split(":")[4:]
    return services.sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
