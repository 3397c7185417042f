"""A saga's dead-letter queue: looking into it, and working it off a message at a time."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from saga_runtime.client.orders import RelayFailed, ask
from saga_runtime.client.target import Target
from saga_runtime.services import Services

MAX_FAILURES: Final = 3
"""How often the relay may fail at letters; each is there again when it has been hidden for long enough."""
LOOKED_AT: Final = 30
"""Seconds after which a message is there again even if whoever looked at it died."""
BATCH: Final = 10
"""Messages that SQS hands out or takes back in one request."""
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
    """Have the relay read every dead letter, act on it again and delete those it has answered. Safe to repeat.

    A stuck saga is resumed, one that hangs goes on, an event that could not be delivered is published again; of a saga
    that has ended the ending is told again, as its bearer may have died before. Each is deleted after it was acted on,
    so none is lost, and one that was acted on twice changes nothing. Letters that come during the work wait for the
    next call. Those that stay are there for it at once, among them each at which the relay fails.

    Args:
        target: whose dead-letter queue.
        discard: delete also what nobody can ever act on, e.g. a malformed message; what is returned is then all
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
                answer = ask(target, {"order": "redrive", "before": before, "discard": discard}, services)
            except RelayFailed as error:
                failures += 1
                yield Letter(message="", body="", reason="", done="", refused=str(error))
                continue
            known = answer["letter"]
            if known is None or known["message"] in held:
                return
            receipt = known.pop("receipt")
            if not answer["status"]:
                held[known["message"]] = {"ReceiptHandle": receipt}
            if answer.get("late"):
                return
            yield Letter(**known, done=answer["status"])
    finally:
        _put_back(services, target.dead_letters, [*held.values()])


def dead_letters(target: Target, *, limit: int = 50, services: Services | None = None) -> list[Letter]:
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
            letters = _receive(services, target.dead_letters, hidden=LOOKED_AT, most=most)
            seen |= {letter["MessageId"]: letter for letter in letters}
            if len(seen) == known:
                break
    finally:
        _put_back(services, target.dead_letters, [*seen.values()])
    return [_letter(letter) for letter in seen.values()]


def _put_back(services: Services, queue: str, letters: list[Any]) -> None:
    for first in range(0, len(letters), BATCH):
        entries: Any = [
            {"Id": str(number), "ReceiptHandle": letter["ReceiptHandle"], "VisibilityTimeout": 0}
            for number, letter in enumerate(letters[first : first + BATCH])
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


def _letter(letter: Any) -> Letter:
    reason = letter.get("MessageAttributes", {})
    said = reason.get("reason", reason.get("ERROR_MESSAGE", {})).get("StringValue", "")
    return Letter(message=letter["MessageId"], body=letter["Body"], reason=said, done="", refused="")
