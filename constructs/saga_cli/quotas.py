"""AWS's default quotas by Region, as far as a saga meets them when many run at once; read on 2026-11-30.

Sources: AWS Step Functions Developer Guide, "Service quotas"; Amazon EventBridge User Guide, "Amazon EventBridge
quotas"; AWS Lambda Developer Guide, "Lambda quotas"; Amazon SQS Developer Guide, "Amazon SQS message quotas"; Amazon
DynamoDB Developer Guide, "On-demand capacity mode" and "Quotas in Amazon DynamoDB". AWS raises most of them on request;
an account that is new may have less.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

LARGE: Final = ("us-east-1", "us-west-2", "eu-west-1")
"""The Regions with Step Functions' larger quotas."""
PUT_EVENTS: Final[Mapping[str, int]] = {
    **dict.fromkeys(LARGE, 10_000),
    **dict.fromkeys(("us-east-2", "eu-central-1"), 2_400),
    **dict.fromkeys(("us-west-1", "ap-northeast-1", "ap-southeast-1", "ap-southeast-2", "eu-west-2"), 1_200),
    **dict.fromkeys(("af-south-1", "ap-northeast-3", "ap-southeast-3", "eu-south-1"), 400),
}
TARGETS: Final[Mapping[str, int]] = {
    **dict.fromkeys(LARGE, 18_750),
    **dict.fromkeys(("us-east-2", "eu-central-1"), 4_500),
    **dict.fromkeys(("us-west-1", "ap-northeast-1", "ap-southeast-1", "ap-southeast-2", "eu-west-2"), 2_250),
    **dict.fromkeys(("af-south-1", "ap-northeast-3", "ap-southeast-3", "eu-south-1"), 750),
}
OTHER_PUT_EVENTS: Final = 600
OTHER_TARGETS: Final = 1_100
"""Of every Region that is not named."""
CONCURRENCY: Final = 1_000
"""Functions of an account at the same time, in every Region."""
OPEN_EXECUTIONS: Final = 1_000_000
IN_FLIGHT: Final = 120_000
"""Messages of a queue that are delivered, or hidden until the next attempt."""
NEW_TABLE: Final = 4_000
"""Write units a second of a new table on demand, without warm throughput."""
TABLE: Final = 40_000
PARTITION: Final = 1_000
"""Write units a second of one partition: no quota, and AWS does not raise it."""
PARTS: Final = 16
"""Of each of the ledger's indexes."""


class Region(NamedTuple):
    """The quotas of a Region, a second.

    Attributes:
        starts: of Standard executions.
        transitions: of their states.
        put_events: requests to EventBridge.
        targets: of rules that EventBridge invokes.
    """

    starts: int
    transitions: int
    put_events: int
    targets: int


def quotas(region: str) -> Region:
    """The default quotas of a Region; a name that is not known has those of most Regions."""
    starts, transitions = (300, 5_000) if region in LARGE else (150, 800)
    put_events, targets = PUT_EVENTS.get(region, OTHER_PUT_EVENTS), TARGETS.get(region, OTHER_TARGETS)
    return Region(starts, transitions, put_events, targets)
