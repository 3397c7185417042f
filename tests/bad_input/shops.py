"""The queue that brings bad input, and what may not change because of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from saga_runtime.recovery import Messages, SagaContext
from shop import TABLE, Context, payload
from world import AWS, World, in_memory

STEPS: Final = {"goods": ("reserve", "release"), "money": ("charge", "refund")}
"""What recovery knows of the saga."""
QUEUE: Final = "arn:aws:sqs:us-east-1:123456789012:queue"


@dataclass
class Inbox:
    """SQS, as far as participants and recovery use it.

    Attributes:
        waits: how long each message that comes again was put off.
        given_up: bodies in the queue of failed commands.
        parked: bodies in the dead-letter queue, with the reason.
    """

    world: World
    waits: list[int] = field(default_factory=list[int])
    given_up: list[str] = field(default_factory=list[str])
    parked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def deliver(self, body: Any) -> bool:
        """Hand a message to the participant; returns whether it went to the queue of failed commands."""
        before = len(self.given_up)
        answer = self.world.participant.handler({"Records": [record(body)]}, Context())
        return self.given_up[before:] == [record(body)["body"]] and not answer["batchItemFailures"]

    def recovery(self, body: Any) -> None:
        """Hand a message to recovery."""
        Messages(SagaContext("order", STEPS, self.world.services, "v1"), last_compensable_step="money").failed(
            SQSRecord(record(body))
        )

    def get_queue_url(self, *, QueueName: str, QueueOwnerAWSAccountId: str) -> dict[str, str]:  # noqa: N803 # AWS's
        return {"QueueUrl": f"{QueueOwnerAWSAccountId}/{QueueName}"}

    def change_message_visibility(self, *, VisibilityTimeout: int, **_: str) -> None:  # noqa: N803 # AWS's
        self.waits.append(VisibilityTimeout)

    def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
        return {"Attributes": {"RedrivePolicy": json.dumps({"deadLetterTargetArn": f"{QUEUE}-failed"})}}

    def send_message(self, *, QueueUrl: str, MessageBody: str, MessageAttributes: Any = None) -> None:  # noqa: N803 # AWS's
        if QueueUrl == "123456789012/queue-failed":
            self.given_up.append(MessageBody)
        else:
            assert QueueUrl == "dead"
            self.parked.append((MessageBody, MessageAttributes["reason"]["StringValue"]))


def at_work(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A shop in memory with one saga that has done its first step."""
    for world in in_memory(monkeypatch):
        world.call(payload("reserve", first=True, given={"n": 1}))
        world.published.clear()
        yield world


def record(body: Any) -> dict[str, Any]:
    """An SQS message; ``body`` is text, or JSON."""
    return {
        "messageId": "m",
        "receiptHandle": "handle",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": QUEUE,
    }


def everything(world: World) -> dict[str, Any]:
    """All that bad input could touch: both tables, the provider, the bus."""
    tables = {name: AWS.client("dynamodb").scan(TableName=name)["Items"] for name in ("ledger", TABLE)}
    ordered = {name: sorted(items, key=lambda item: json.dumps(item, sort_keys=True)) for name, items in tables.items()}
    happened = {"outside": world.shop.outside, "published": world.published}
    return json.loads(json.dumps({**ordered, **happened}))
