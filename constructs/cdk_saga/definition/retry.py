"""How often, and how patiently, a task is tried again."""

import math
from dataclasses import dataclass
from typing import Final

from cdk_saga.definition.errors import DefinitionError, checked_whole
from cdk_saga.limits import FUNCTION_TIME, RECEIVES, VISIBILITY

VISIBILITY_FACTOR: Final = 6
"""Times its function's time-out that a message stays hidden: what AWS Lambda's guide asks for queues ("Creating and
configuring an Amazon SQS event source mapping")."""
MAX_DELAY: Final = VISIBILITY.most - VISIBILITY_FACTOR * FUNCTION_TIME.most - 1_800
"""Seconds: 10 hours. SQS hides a message for at most 12 hours *from the ReceiveMessage*, of which the longest queue
visibility and half an hour are kept back; and a policy means the same in both styles. The runtime has the same number.
"""
MAX_ATTEMPTS: Final = RECEIVES.most - 200
"""SQS counts at most 1,000 receives (``maxReceiveCount``); the rest is for those that reach no handler, and timers."""


@dataclass(frozen=True, kw_only=True)
class Retry:
    """A ladder of further attempts: exponential back-off, capped, with full jitter.

    Attempt *n* waits a random time between zero and ``min(cap, interval * backoff ** (n - 1))`` seconds
    ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015). A rejection is never retried.

    Args:
        max_attempts: further attempts after the first, 0 to 800.
        interval: seconds before the first further attempt, 1 to 36,000, whole (a limit of the States language).
        backoff_rate: factor from one wait to the next, at least 1.
        max_delay: the longest wait in seconds, at least ``interval``, at most 36,000.

    Raises:
        DefinitionError: a number outside its range.
    """

    max_attempts: int = 3
    interval: int = 1
    backoff_rate: float = 2.0
    max_delay: int = 60

    def __post_init__(self) -> None:
        checked_whole(self.max_attempts, "Retry: max_attempts", least=0, most=MAX_ATTEMPTS)
        checked_whole(self.interval, "Retry: interval", least=1, most=MAX_DELAY, unit="whole seconds")
        checked_whole(self.max_delay, "Retry: max_delay", least=self.interval, most=MAX_DELAY, unit="whole seconds")
        if type(self.backoff_rate) not in (int, float) or not math.isfinite(self.backoff_rate) or self.backoff_rate < 1:
            raise DefinitionError(
                f"Retry: backoff_rate is {self.backoff_rate!r}: a wait cannot shrink; use a factor from 1 on"
            )

    def longest_wait(self, attempt: int) -> float:
        """The upper bound in seconds of the wait before further attempt ``attempt`` (1, 2, …)."""
        return min(float(self.max_delay), self.interval * self.backoff_rate ** (attempt - 1))

    def is_as_patient_as(self, other: "Retry") -> bool:
        """Whether no wait, and no number of attempts, of ``other`` is larger."""
        last = max(1, other.max_attempts)
        return self.max_attempts >= other.max_attempts and all(
            self.longest_wait(n) >= other.longest_wait(n) for n in range(1, last + 1)
        )
