"""List prices of AWS, in US dollars, and what they are multiplied with where a definition does not say.

Left out: free tiers, discounts, logs, metrics, KMS, X-Ray, storage and reads.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

AS_OF: Final = date(2026, 11, 22)
"""When the prices were read."""
REGION: Final = "us-east-1"
"""Where they hold."""
TRANSITION: Final = 25e-6
"""A state transition of a Standard workflow, retries included (AWS Step Functions)."""
EVENT: Final = 1e-6
"""A custom event of up to 64 KB (Amazon EventBridge); events of AWS's own services are free."""
SQS_REQUEST: Final = 0.4e-6
"""A request of up to 64 KB to a standard queue (Amazon SQS)."""
INVOCATION: Final = 0.2e-6
"""A request to a function (AWS Lambda)."""
GB_SECOND: Final = 0.0000133334
"""A second of a function with 1,024 MiB on arm64 (AWS Lambda)."""
WRITE_UNIT: Final = 0.625e-6
"""A write of up to 1 KB, on demand (Amazon DynamoDB); a transaction takes two for each item."""


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """What a definition does not say.

    Args:
        memory_size: MiB of a function.
        milliseconds: that an invocation takes.
        own_writes: items that a task writes besides the ledger's, of up to 1 KB each.
        batch: messages an invocation takes from a queue; the constructs use 1.
    """

    memory_size: int = 256
    milliseconds: int = 100
    own_writes: int = 1
    batch: int = 1


POLLS_A_MONTH: Final = 5 * 3 * 60 * 24 * 30
"""Requests that a function's event source makes of an empty queue: five pollers, each waiting for 20 seconds."""
