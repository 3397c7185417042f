"""A batch of SQS messages, each answered on its own (Powertools' BatchProcessor)."""

import json
import math
from collections.abc import Callable
from typing import Any, Final

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from saga_runtime.errors import BadCommand
from saga_runtime.reading import not_json, read_json
from saga_runtime.services import Services

Json = dict[str, Any]
MAX_HIDDEN: Final = 36_000
"""Seconds for which a message is hidden at most before it is looked at again.

SQS counts its 12 hours (43,200 s) from the ReceiveMessage, and refuses a longer time-out than what is left of them
(Amazon SQS, "Visibility timeout", "Setting and adjusting the visibility timeout"). This leaves room for the longest
visibility time-out of a queue here, 5,400 s, and half an hour. The definition limits the waits of retries alike.
"""


def each(event: Json, receive: Callable[[SQSRecord], None]) -> Any:
    """Give each message of ``event`` to ``receive``; the answer names those to deliver again."""
    processor: Any = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    with processor(event["Records"], receive):
        processor.process()
    return processor.response()


def hide(services: Services, record: SQSRecord, seconds: float) -> None:
    """Let a message come back after that many seconds, at most :data:`MAX_HIDDEN`; answer it as failed."""
    services.sqs.change_message_visibility(
        QueueUrl=_url(services, record.event_source_arn),
        ReceiptHandle=record.receipt_handle,
        VisibilityTimeout=min(MAX_HIDDEN, math.ceil(seconds)),
    )


def give_up(services: Services, record: SQSRecord) -> bool:
    """Send a message where its queue's redrive policy would send it, without the receives that are left until then.

    Those are many, as they outlast throttles. The sender then answers the message as done; where it dies before that,
    the message is there twice.

    Returns:
        Whether the queue has a redrive policy.
    """
    queue = services.sqs.get_queue_attributes(
        QueueUrl=_url(services, record.event_source_arn), AttributeNames=["RedrivePolicy"]
    )
    policy = json.loads(queue.get("Attributes", {}).get("RedrivePolicy", "{}"))
    if not policy:
        return False
    services.sqs.send_message(QueueUrl=_url(services, policy["deadLetterTargetArn"]), MessageBody=record.body)
    return True


def _url(services: Services, arn: str) -> str:
    account, name = arn.split(":")[4:]
    return services.sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]


def body_of(record: SQSRecord) -> Any:
    """The JSON in a message; raises :class:`BadCommand` when it is none, or does not mean one thing."""
    try:
        return read_json(record.body)
    except ValueError as error:
        raise BadCommand(not_json("the message", error, record.body)) from error
