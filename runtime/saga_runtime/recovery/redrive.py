"""Acts again on dead letters, which the function itself reads from its queue: no caller can hand it one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from saga_runtime.errors import BadCommand
from saga_runtime.fields import flag, seconds
from saga_runtime.services import variable

if TYPE_CHECKING:
    from saga_runtime.services import Services

Json = dict[str, Any]
HIDDEN: Final = 120
"""Seconds that a message stays hidden from others while it is acted on: longer than a function may take to."""
WAIT: Final = 1
"""Seconds to wait for messages: with long polling SQS asks all its servers, so that none is overlooked."""
MAX_REASON: Final = 300
"""Characters of a failure that an operator is shown."""


@dataclass(frozen=True)
class Redrive:
    """Works off the dead-letter queue, a dead letter a call.

    Args:
        services: AWS.
        act: acts on the body of a dead letter; ``{"status": …, "refused": …}``, as of every operation.
    """

    services: "Services"
    act: Callable[[str], Json]

    def next(self, operation: Json) -> Json:
        """Receive a dead letter, act on it, and delete it unless it has to stay.

        Args:
            operation: ``before``: milliseconds since the epoch, later dead letters are left alone; ``discard``: also
                delete a dead letter on which nothing can ever act.

        Returns:
            ``{"status": …, "refused": …, "dead_letter": …, "failed": …}``: no dead letter when none is left;
            ``failed`` says that another attempt may do better, ``late`` that the dead letter came after ``before`` and
            is as it was.
        """
        before, discard = seconds(operation.get("before"), "before", "whole milliseconds"), flag(operation, "discard")
        dead_letters = self._received()
        if not dead_letters:
            return {"status": "", "refused": None, "dead_letter": None, "failed": False}
        (dead_letter,) = dead_letters
        known = {
            "message": dead_letter["MessageId"],
            "body": dead_letter["Body"],
            "receipt": dead_letter["ReceiptHandle"],
        }
        if int(dead_letter["Attributes"]["SentTimestamp"]) > before:
            return {"status": "", "refused": None, "dead_letter": {**known, "reason": "", "refused": ""}, "late": True}
        done, refused, failed = self._acted_on(dead_letter["Body"], discard=discard)
        if done:
            self.services.sqs.delete_message(QueueUrl=_queue(), ReceiptHandle=dead_letter["ReceiptHandle"])
        said = {**known, "reason": _reason(dead_letter), "refused": refused}
        return {"status": done, "refused": None, "dead_letter": said, "failed": failed}

    def _acted_on(self, body: str, *, discard: bool) -> tuple[str, str, bool]:
        """What acting led to, empty for nothing; why it did not; and whether another time may be better."""
        try:
            answer = self.act(body)
        except BadCommand as error:
            return ("discarded" if discard else ""), str(error), False
        except Exception as error:  # noqa: BLE001 # at this dead letter: the others are acted on all the same
            return "", f"{type(error).__name__}: {error}"[:MAX_REASON], True
        if refused := answer["refused"]:
            return ("discarded" if discard else ""), refused, False
        return answer["status"], "", False

    def _received(self) -> list[Any]:
        answer = self.services.sqs.receive_message(
            QueueUrl=_queue(),
            MaxNumberOfMessages=1,
            VisibilityTimeout=HIDDEN,
            WaitTimeSeconds=WAIT,
            MessageSystemAttributeNames=["SentTimestamp"],
            MessageAttributeNames=["All"],
        )
        return answer.get("Messages", [])


def _queue() -> str:
    return variable("SAGA_DEAD_LETTER_QUEUE")


def _reason(dead_letter: Any) -> str:
    attributes = dead_letter.get("MessageAttributes", {})
    return attributes.get("reason", attributes.get("ERROR_MESSAGE", {})).get("StringValue", "")
