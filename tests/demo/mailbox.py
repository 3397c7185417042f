"""Reading a queue without emptying it."""

import threading
from typing import Any, Final

HIDDEN: Final = 3600
"""Seconds that a message read stays hidden: longer than any demo."""


class Mailbox:
    """The messages of a queue; those read stay there, hidden from the next look.

    Args:
        sqs: a client.
        url: of the queue.
    """

    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs = sqs
        self._url = url
        self._bodies: list[str] = []
        self._lock = threading.Lock()

    def bodies(self) -> list[str]:
        """All messages so far, oldest first."""
        with self._lock:
            while found := self._receive():
                self._bodies += [message["Body"] for message in found]
            return list(self._bodies)

    def _receive(self) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, VisibilityTimeout=HIDDEN)
        return answer.get("Messages", [])
