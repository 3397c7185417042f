"""AWS's default quotas a second, and its prices: us-east-1, read on 2026-11-22. AWS raises most quotas on request."""

from typing import Final

RATE: Final = 10_000
"""Sagas a second that the page is about."""
STEP_SECONDS: Final = 0.1
"""How long a function takes for a step."""
GB_SECONDS: Final = 0.256 * STEP_SECONDS
STARTS: Final = 300
EXPRESS_STARTS: Final = 6_000
TRANSITIONS: Final = 5_000
PUT_EVENTS: Final = 10_000
"""Requests; each carries one of our events."""
TARGETS: Final = 18_750
"""Invocations of rules' targets."""
CONCURRENCY: Final = 1_000
"""Functions of an account at the same time."""
TABLE_UNITS: Final = 40_000
"""Write units of a table on demand."""
PARTITION_UNITS: Final = 1_000
"""Write units of one partition: a hard limit."""
INDEX_SHARDS: Final = 16
"""Parts of each of the ledger's views; see `saga_runtime.ledger.items.view_key`."""
IN_FLIGHT: Final = 120_000
"""Messages of a queue that are delivered or hidden until the next attempt."""

# Dollars a million, but for the last two.
TRANSITION_PRICE: Final = 25.0
EVENT_PRICE: Final = 1.0
MESSAGE_PRICE: Final = 0.4
MESSAGE_REQUESTS: Final = 3
"""Send, receive, delete."""
INVOCATION_PRICE: Final = 0.2
UNIT_PRICE: Final = 0.625
EXPRESS_PRICE: Final = 1.0
EXPRESS_GB_SECOND: Final = 0.00001667
GB_SECOND: Final = 0.0000133334
