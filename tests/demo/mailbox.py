"""Reading a queue without emptying it."""

import threading
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

Json = dict[str, Any]
T = TypeVar("T")

HIDDEN: Final = 3600
"""Seconds that a message read stays hidden: longer than any demo."""


class Mailbox(Generic[T]):
    """The messages of a queue; those read stay there, hidden from the next look.

    Args:
        sqs: a client.
        url: of the queue.
        read: makes something of a message.
    """

    def __init__(self, sqs: Any, url: str, read: Callable[[Json], T]) -> None:
        self._sqs = sqs
        self._url = url
        self._read = read
        self._messages: list[T] = []
        self._lock = threading.Lock()

    def messages(self) -> list[T]:
        """All messages so far, oldest first."""
        with self._lock:
            while found := self._receive():
                self._messages += map(self._read, found)
            return list(self._messages)

    def _receive(self) -> list[Json]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=10, VisibilityTimeout=HIDDEN, MessageAttributeNames=["All"]
        )
        return answer.get("Messages", [])
