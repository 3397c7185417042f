"""Amazon SQS, with the event source mappings that hand its messages to functions: at least once, in any order."""

import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

from cdk_saga.testing.clock import Clock
from cdk_saga.testing.dynamodb.errors import refused
from cdk_saga.testing.faults import Batched
from cdk_saga.testing.services.calls import ACCOUNT, REGION, Call, arn
from cdk_saga.testing.services.function import Answer, Function
from cdk_saga.testing.services.functions import Functions, Kind

Json = dict[str, Any]
LONGEST: Final = 43_200
"""Seconds that a message may be hidden, from its receive on."""
POLLS: Final = ("sqs:ReceiveMessage", "sqs:GetQueueAttributes")
"""What AWS Lambda does in the name of a function's role before it has a message."""


@dataclass(eq=False)
class Message:
    """A message; ``receives`` counts its deliveries, ``visible_at`` is when the next one may be."""

    id: str
    body: str
    visible_at: float
    receives: int = 0
    received_at: float = 0.0
    sent_at: float = 0.0
    attributes: Json = field(default_factory=dict[str, Any])


class Consumer(NamedTuple):
    """The consumer of a queue: a function, and the task the queue is for."""

    function: Function
    task: str


@dataclass(eq=False)
class Queue:
    """A queue.

    Args:
        name: its name.
        visibility: seconds a message is hidden from the next delivery.
        consumer: gets its messages; a queue without one keeps them.
        most_receives: deliveries before a message goes to ``redrive_to``.
        redrive_to: the dead-letter queue.
    """

    name: str
    visibility: float = 30.0
    consumer: Consumer | None = None
    most_receives: int = 1
    redrive_to: "Queue | None" = None
    messages: dict[str, Message] = field(default_factory=dict[str, Message])

    @property
    def arn(self) -> str:
        """Its ARN."""
        return arn("sqs", self.name)

    @property
    def url(self) -> str:
        """Its URL."""
        return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{self.name}"


class Queues:
    """All queues of a run, and SQS as a boto3 client shows it."""

    exceptions = SimpleNamespace()

    def __init__(self, clock: Clock, functions: Functions) -> None:
        self.by_name: dict[str, Queue] = {}
        self._clock = clock
        self._functions = functions
        self._ids = itertools.count(1)

    def add(self, queue: Queue) -> Queue:
        """Define a queue."""
        self.by_name[queue.name] = queue
        return queue

    def delete(self, names: Iterable[str]) -> None:
        """Delete queues and the messages in them."""
        for name in tuple(names):
            self.by_name.pop(name).messages.clear()

    def send(self, queue: Queue, body: str, attributes: Json | None = None) -> Message:
        """Put a message into a queue."""
        message = Message(
            f"m-{next(self._ids)}", body, self._clock.now, sent_at=self._clock.now, attributes=attributes or {}
        )
        queue.messages[message.id] = message
        self._deliver(queue, message)
        return message

    def get_queue_url(self, *, QueueName: str, QueueOwnerAWSAccountId: str = ACCOUNT) -> Json:  # noqa: N803 # boto3's names
        """Where a queue is."""
        if QueueName not in self.by_name or QueueOwnerAWSAccountId != ACCOUNT:
            message = "The specified queue does not exist."
            raise refused("AWS.SimpleQueueService.NonExistentQueue", message, "GetQueueUrl")
        return {"QueueUrl": self.by_name[QueueName].url}

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> Json:  # noqa: N803 # boto3's names
        """The redrive policy of a queue that has one."""
        queue = self._at(QueueUrl)
        if not queue.redrive_to or "RedrivePolicy" not in AttributeNames:
            return {}
        policy = {"deadLetterTargetArn": queue.redrive_to.arn, "maxReceiveCount": queue.most_receives}
        return {"Attributes": {"RedrivePolicy": json.dumps(policy)}}

    def send_message(self, *, QueueUrl: str, MessageBody: str, MessageAttributes: Json | None = None) -> Json:  # noqa: N803
        """Put a message into a queue."""
        return {"MessageId": self.send(self._at(QueueUrl), MessageBody, MessageAttributes).id}

    def receive_message(self, *, QueueUrl: str, MaxNumberOfMessages: int, VisibilityTimeout: int, **_: Any) -> Json:  # noqa: N803
        """Hand out messages of a queue that no function consumes."""
        queue = self._at(QueueUrl)
        ready = [one for one in queue.messages.values() if one.visible_at <= self._clock.now][:MaxNumberOfMessages]
        for message in ready:
            message.receives += 1
            message.received_at = self._clock.now
            message.visible_at = self._clock.now + VisibilityTimeout
        return {"Messages": [_received(one) for one in ready]} if ready else {}

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> Json:  # noqa: N803 # boto3's names
        """Delete a message that was received; one that is not there is no error."""
        self._at(QueueUrl).messages.pop(ReceiptHandle.split("/", maxsplit=1)[0], None)
        return {}

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> Json:  # noqa: N803
        """Say when a message in flight is to be delivered again; the 12 hours count from its receive.

        Amazon SQS, "Visibility timeout": the maximum of 12 hours is from the time that Amazon SQS receives the
        ReceiveMessage request, and extending the time-out does not reset it.
        """
        queue, (name, receive) = self._at(QueueUrl), ReceiptHandle.split("/")
        message = queue.messages.get(name)
        if message is None or message.receives != int(receive):
            problem = (
                "Value for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available."
            )
            raise refused("InvalidParameterValue", problem, "ChangeMessageVisibility")
        if VisibilityTimeout + self._clock.now - message.received_at > LONGEST:
            problem = (
                f"Value {VisibilityTimeout} for parameter VisibilityTimeout is invalid. Reason: Total "
                f"VisibilityTimeout for the message is beyond the limit [{LONGEST} seconds]"
            )
            raise refused("InvalidParameterValue", problem, "ChangeMessageVisibility")
        self._hide(queue, message, VisibilityTimeout)
        return {}

    def _at(self, url: str) -> Queue:
        return self.by_name[url.rpartition("/")[2]]

    def _hide(self, queue: Queue, message: Message, seconds: float) -> None:
        message.visible_at = self._clock.now + seconds
        self._clock.after(seconds, lambda: self._deliver(queue, message))

    def _deliver(self, queue: Queue, message: Message) -> None:
        consumer = queue.consumer
        if not consumer or message.id not in queue.messages or message.visible_at > self._clock.now:
            return
        if queue.redrive_to and message.receives >= queue.most_receives:
            self._move(queue.messages.pop(message.id), queue.redrive_to)
            return
        role = consumer.function.name
        if not all(self._functions.allows(role, Call(action, queue.arn)) for action in POLLS):
            return  # an event source mapping without permission polls without success
        message.receives += 1
        message.received_at = self._clock.now
        self._hide(queue, message, queue.visibility)
        self._receive(queue, message, consumer)

    def _move(self, message: Message, queue: Queue) -> None:
        """To a dead-letter queue a message takes its id and its receive count (LocalStack, pull request 10425)."""
        message.visible_at = self._clock.now
        queue.messages[message.id] = message
        self._deliver(queue, message)

    def _receive(self, queue: Queue, message: Message, consumer: Consumer) -> None:
        batch = [message, *self._companions(queue, message, consumer)]
        receipts = {one.id: one.receives for one in batch}

        def done(answer: Answer) -> None:
            reply: Json = answer.value or {}
            failed = {failure["itemIdentifier"] for failure in reply.get("batchItemFailures", ())}
            for one in batch:
                done_with = not answer.error and one.id not in failed and one.receives == receipts[one.id]
                if done_with and self._functions.allows(consumer.function.name, Call("sqs:DeleteMessage", queue.arn)):
                    queue.messages.pop(one.id, None)

        def again(kind: Kind) -> None:
            if kind == "copy":
                self.send(queue, message.body)
            else:
                queue.messages[message.id] = message
                message.visible_at = self._clock.now
                self._deliver(queue, message)

        event = {"Records": [_record(queue, one) for one in batch]}
        self._functions.invoke(consumer.function, event, consumer.task, done, again)

    def _companions(self, queue: Queue, message: Message, consumer: Consumer) -> list[Message]:
        """What comes in the same batch: nothing, unless a fault puts a copy there."""
        number = self._functions.invocations[consumer.task] + 1
        if not any(isinstance(fault, Batched) for fault in self._functions.faults.of_invocation(consumer.task, number)):
            return []
        copy = Message(f"m-{next(self._ids)}", message.body, self._clock.now, receives=1, received_at=self._clock.now)
        queue.messages[copy.id] = copy
        self._hide(queue, copy, queue.visibility)
        return [copy]


def _received(message: Message) -> Json:
    return {
        "MessageId": message.id,
        "ReceiptHandle": f"{message.id}/{message.receives}",
        "Body": message.body,
        "Attributes": {"SentTimestamp": str(int(message.sent_at * 1000))},
        "MessageAttributes": message.attributes,
    }


def _record(queue: Queue, message: Message) -> Json:
    return {
        "messageId": message.id,
        "receiptHandle": f"{message.id}/{message.receives}",
        "body": message.body,
        "attributes": {"ApproximateReceiveCount": str(message.receives)},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.arn,
        "awsRegion": REGION,
    }
