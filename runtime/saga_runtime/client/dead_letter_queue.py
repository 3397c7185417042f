"""A saga's dead-letter queue: looking into it, and working it off a message at a time."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from saga_runtime.client.operations import RecoveryFailed, ask
from saga_runtime.client.target import Target
from saga_runtime.services import Services

MAX_FAILURES: Final = 3
"""How often recovery may fail at dead letters; each is there again when it has been hidden for long enough."""
LOOKED_AT: Final = 30
"""Seconds after which a message is there again even if the process that looked at it crashed."""
BATCH: Final = 10
"""Messages that SQS hands out or takes back in one request."""
WAIT: Final = 1
"""Seconds to wait for messages: with long polling SQS asks all its servers, so that none is overlooked."""


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A dead letter, and what became of it.

    Attributes:
        message: its id in the queue.
        body: as it was found.
        reason: why it was put there, where that was recorded.
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


def redrive(target: Target, *, discard: bool = False, services: Services | None = None) -> Iterator[DeadLetter]:
    """Have recovery read every dead letter, act on it again and delete those it has answered. Idempotent.

    A stuck saga is resumed, one that is stalled goes on, an event that could not be delivered is published again; of a
    saga that has ended the ending is published again, as its caller may have died before. Each is deleted after it was
    acted on, so none is lost, and one that was acted on twice changes nothing. Dead letters that come during the work
    wait for the next call. Those that stay are there for it at once, among them each at which recovery fails.

    Args:
        target: whose dead-letter queue.
        discard: delete also what can never be processed, e.g. a malformed message; what is returned is then all
            that is left of it.
        services: AWS; from the environment by default.
    """
    services = services or Services()
    before = int(services.now() * 1000)
    held: dict[str, Any] = {}
    failures = 0
    try:
        while failures < MAX_FAILURES:
            try:
                answer = ask(target, {"operation": "redrive", "before": before, "discard": discard}, services)
            except RecoveryFailed as error:
                failures += 1
                yield DeadLetter(message="", body="", reason="", done="", refused=str(error))
                continue
            known = answer["dead_letter"]
            if known is None or known["message"] in held:
                return
            receipt = known.pop("receipt")
            if not answer["status"]:
                held[known["message"]] = {"ReceiptHandle": receipt}
            if answer.get("late"):
                return
            yield DeadLetter(**known, done=answer["status"])
    finally:
        _put_back(services, target.dead_letters, [*held.values()])


def dead_letters(target: Target, *, limit: int = 50, services: Services | None = None) -> list[DeadLetter]:
    """Look at dead letters and leave them where they are; at least these are there, as SQS keeps no list of them.

    SQS shows a message only by handing it out: each is hidden from others, a redrive too, until all have been seen,
    which takes a second or two, and is put back then. Being handed out often harms no message of this queue.

    Args:
        target: whose dead-letter queue.
        limit: at most so many.
        services: AWS; from the environment by default.
    """
    services = services or Services()
    seen: dict[str, Any] = {}
    try:
        while len(seen) < limit:
            known, most = len(seen), min(BATCH, limit - len(seen))
            dead_letters = _receive(services, target.dead_letters, hidden=LOOKED_AT, most=most)
            seen |= {dead_letter["MessageId"]: dead_letter for dead_letter in dead_letters}
            if len(seen) == known:
                break
    finally:
        _put_back(services, target.dead_letters, [*seen.values()])
    return [_dead_letter(dead_letter) for dead_letter in seen.values()]


def _put_back(services: Services, queue: str, dead_letters: list[Any]) -> None:
    for first in range(0, len(dead_letters), BATCH):
        entries: Any = [
            {"Id": str(number), "ReceiptHandle": dead_letter["ReceiptHandle"], "VisibilityTimeout": 0}
            for number, dead_letter in enumerate(dead_letters[first : first + BATCH])
        ]
        # One that is not taken back is there again by itself, in a moment.
        services.sqs.change_message_visibility_batch(QueueUrl=queue, Entries=entries)


def _receive(services: Services, queue: str, *, hidden: int, most: int) -> list[Any]:
    answer = services.sqs.receive_message(
        QueueUrl=queue,
        MaxNumberOfMessages=most,
        VisibilityTimeout=hidden,
        WaitTimeSeconds=WAIT,
        MessageSystemAttributeNames=["SentTimestamp"],
        MessageAttributeNames=["All"],
    )
    return answer.get("Messages", [])


def _dead_letter(dead_letter: Any) -> DeadLetter:
    reason = dead_letter.get("MessageAttributes", {})
    said = reason.get("reason", reason.get("ERROR_MESSAGE", {})).get("StringValue", "")
    return DeadLetter(message=dead_letter["MessageId"], body=dead_letter["Body"], reason=said, done="", refused="")
