"""What one saga uses of AWS, and what that costs."""

from dataclasses import asdict, dataclass

from cdk_saga.cost.prices import (
    EVENT,
    GB_SECOND,
    INVOCATION,
    LOG_BYTE,
    SQS_REQUEST,
    TRANSITION,
    WRITE_UNIT,
)

MILLION = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What one saga uses.

    Args:
        transitions: of a Standard workflow.
        events: put on the bus.
        sqs_requests: send, receive, delete and put off.
        invocations: of functions, recovery's included.
        gb_seconds: that they take.
        write_units: of DynamoDB, on demand; those of the ledger's indexes included.
        log_bytes: that CloudWatch Logs takes in, metrics in the embedded format included.
    """

    transitions: float = 0
    events: float = 0
    sqs_requests: float = 0
    invocations: float = 0
    gb_seconds: float = 0
    write_units: float = 0
    log_bytes: float = 0

    @property
    def dollars(self) -> dict[str, float]:
        """The price of a million such sagas, by what is paid for."""
        prices = {
            "transitions": TRANSITION,
            "events": EVENT,
            "sqs_requests": SQS_REQUEST,
            "invocations": INVOCATION,
            "gb_seconds": GB_SECOND,
            "write_units": WRITE_UNIT,
            "log_bytes": LOG_BYTE,
        }
        return {name: number * prices[name] * MILLION for name, number in asdict(self).items()}

    @property
    def total(self) -> float:
        """Dollars a million such sagas."""
        return sum(self.dollars.values())
