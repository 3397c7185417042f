"""A batch of SQS messages, each answered on its own (Powertools' BatchProcessor)."""

import json
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from saga_runtime.errors import BadCommand

Json = dict[str, Any]


def each(event: Json, receive: Callable[[SQSRecord], None]) -> Any:
    """Give each message of ``event`` to ``receive``; the answer names those to deliver again."""
    processor: Any = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    with processor(event["Records"], receive):
        processor.process()
    return processor.response()


def body_of(record: SQSRecord) -> Any:
    """The JSON in a message; raises :class:`BadCommand` when it is none."""
    try:
        return json.loads(record.body)
    except ValueError as error:
        raise BadCommand(f"the message is not JSON ({error}): {record.body!r:.200}") from error
