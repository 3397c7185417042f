"""How long a task is patient with deliveries that reach no handler: the same in both styles."""

import math
from typing import Final

from cdk_saga.definition import Retry
from cdk_saga.definition.retry import VISIBILITY_FACTOR

PATIENCE: Final = Retry(max_attempts=12, max_delay=300)
"""The ladder for conflicts, throttles and outages of a service: they use no attempt of a step's own policy."""
PATIENT_FOR: Final = sum(PATIENCE.longest_wait(n) for n in range(1, PATIENCE.max_attempts + 1))
"""Seconds that it lasts at most: 23 minutes."""
MAX_ALLOWANCE: Final = 100
"""Receives that a queue allows for it at most, as a function of a few seconds would need hundreds."""


def allowance(visibility: float) -> int:
    """Receives by which a queue outlasts :data:`PATIENCE`, beyond the attempts of the step's policy.

    A poller whose invocation is throttled has received the message, which comes back after the queue's visibility
    time-out, one receive older. AWS advises 5 receives or more for that reason (AWS Lambda, "Creating and configuring
    an Amazon SQS event source mapping": "set the maxReceiveCount ... to at least 5").

    Args:
        visibility: seconds that a message stays hidden.
    """
    return max(PATIENCE.max_attempts, min(MAX_ALLOWANCE, math.ceil(PATIENT_FOR / visibility)))


RECOVERY_RECEIVES: Final = 16
"""Receives of a failed command by the recovery function before it waits for an operator; AWS advises 5 or more."""


def longest_time(retry: Retry, timeout: float) -> float:
    """Seconds until a command is given up at the latest, even if each delivery crashes or is throttled.

    Args:
        retry: the step's policy.
        timeout: seconds its function may take.
    """
    visibility = VISIBILITY_FACTOR * timeout
    attempts = (1 + retry.max_attempts) * max(retry.max_delay, visibility)
    return attempts + max(allowance(visibility) * visibility, PATIENT_FOR)
