"""List prices of AWS, in US dollars, and what they are multiplied with where a definition does not say.

Left out: free tiers, discounts, KMS, X-Ray, storage and reads.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

AS_OF: Final = date(2026, 11, 22)
"""When the prices were read."""
REGION: Final = "us-east-1"
"""Where they hold."""
TRANSITION: Final = 25e-6
"""A state transition of a Standard workflow: "Step Functions counts a state transition each time a step of your
workflow is executed ... including retries" (aws.amazon.com/step-functions/pricing). An execution's start and end
execute no step, so they are not counted, see docs/cost.md."""
EVENT: Final = 1e-6
"""A custom event of up to 64 KB (Amazon EventBridge); events of AWS's own services are free."""
SQS_REQUEST: Final = 0.4e-6
"""A request of up to 64 KB to a standard queue (Amazon SQS)."""
INVOCATION: Final = 0.2e-6
"""A request to a function (AWS Lambda)."""
GB_SECOND: Final = 0.0000133334
"""A second of a function with 1,024 MiB on arm64 (AWS Lambda)."""
ALARM_METRIC: Final = 0.10
"""A month of a metric that a standard alarm looks at (Amazon CloudWatch); an alarm on an expression pays for each."""
DASHBOARD: Final = 3.0
"""A month of a custom dashboard beyond the first three of an account (Amazon CloudWatch)."""
KEY: Final = 1.0
"""A month of a customer-managed key (AWS Key Management Service); requests come on top."""
CUSTOM_METRIC: Final = 0.30
"""A month of a custom metric, prorated by the hours in which it is measured (Amazon CloudWatch)."""
LOG_BYTE: Final = 0.5e-9
"""A byte that CloudWatch Logs takes in."""
WRITE_UNIT: Final = 0.625e-6
"""A write of up to 1 KB, on demand (Amazon DynamoDB); a transaction takes two for each item."""


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """What a definition does not say.

    Args:
        memory_size: MiB of a function.
        milliseconds: that an invocation takes.
        own_writes: items that a task writes besides the ledger's, of up to 1 KB each.
        external: the steps whose effect is not an item of DynamoDB, but at a provider, say.
        input_bytes: of a saga's input; one of more than 0.6 KB makes the saga's own item larger than 1 KB.
    """

    memory_size: int = 256
    milliseconds: int = 100
    own_writes: int = 1
    external: frozenset[str] = frozenset()
    input_bytes: int = 0


POLLS_A_MONTH: Final = (2 * 3 * 60 * 24 * 30, 5 * 3 * 60 * 24 * 30)
"""Requests that a function's event source makes of an empty queue: two to five pollers, each waiting for 20 seconds.

Lambda begins with five and scales an idle source down; how far, its documentation does not say (AWS Lambda Developer
Guide, "Using Lambda with Amazon SQS", "Scaling").
"""
