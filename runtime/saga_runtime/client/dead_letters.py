"""Working off a saga's dead-letter queue, a message at a time."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from saga_runtime.client.orders import OrderRefused, give
from saga_runtime.client.target import Target
from saga_runtime.errors import BadCommand
from saga_runtime.services import Services

HIDDEN: Final = 120
"""Seconds that a message stays hidden from others while it is acted on: longer than a function may take to."""
WAIT: Final = 1
"""Seconds to wait for messages: with long polling SQS asks all its servers, so that none is overlooked."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A dead letter, and what became of it.

    Attributes:
        message: its id in the queue.
        body: as it was found.
        reason: why it was put there, where somebody said so.
        done: what it led to: the saga's state, or ``discarded``; empty when it stays in the queue.
        refused: why it stays there, or why it was discarded.
    """

    message: str
    body: str
    reason: str
    done: str
    refused: str

    def json(self) -> dict[str, Any]:
        """The same as JSON."""
        return asdict(self)


def redrive(target: Target, *, discard: bool = False, services: Services | None = None) -> Iterator[Letter]:
    """Have the relay act again on every dead letter, and delete those it has answered. Safe to repeat.

    A stuck saga is resumed, one that hangs goes on, an event that could not be delivered is published again; of a saga
    that has ended the ending is told again, as its bearer may have died before. Each is deleted after it was acted on,
    so none is lost, and one that was acted on twice changes nothing. Letters that come during the work wait for the
    next call.

    Args:
        target: whose dead-letter queue.
        discard: delete also what nobody can ever act on, e.g. a malformed message; what is returned is then all
            that is left of it.
        services: AWS; from the environment by default.
    """
    services = services or Services()
    begun = services.now() * 1000
    seen: set[str] = set()
    while letters := _receive(services, target.dead_letters):
        for letter in letters:
            if letter["MessageId"] in seen or int(letter["Attributes"]["SentTimestamp"]) > begun:
                return
            seen.add(letter["MessageId"])
            yield _acted_on(target, letter, services, discard=discard)


def _receive(services: Services, queue: str) -> list[Any]:
    answer = services.sqs.receive_message(
        QueueUrl=queue,
        MaxNumberOfMessages=1,
        VisibilityTimeout=HIDDEN,
        WaitTimeSeconds=WAIT,
        MessageSystemAttributeNames=["SentTimestamp"],
        MessageAttributeNames=["All"],
    )
    return answer.get("Messages", [])


def _acted_on(target: Target, letter: Any, services: Services, *, discard: bool) -> Letter:
    done, refused = "", ""
    try:
        done = give(target, {"order": "redrive", "body": letter["Body"]}, services)
    except (BadCommand, OrderRefused) as error:
        refused = str(error)
        done = "discarded" if discard else ""
    if done:
        services.sqs.delete_message(QueueUrl=target.dead_letters, ReceiptHandle=letter["ReceiptHandle"])
    reason = letter.get("MessageAttributes", {})
    said = reason.get("reason", reason.get("ERROR_MESSAGE", {})).get("StringValue", "")
    return Letter(message=letter["MessageId"], body=letter["Body"], reason=said, done=done, refused=refused)
