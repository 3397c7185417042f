"""What one saga uses of AWS, and what that costs."""

from dataclasses import asdict, dataclass

from cdk_saga.cost.courses import Course
from cdk_saga.cost.prices import (
    EVENT,
    GB_SECOND,
    INVOCATION,
    SQS_REQUEST,
    TRANSITION,
    WRITE_UNIT,
    Assumptions,
)
from cdk_saga.plan import Ending, Plan

MILLION = 1_000_000
IN_A_TRANSACTION = 2
"""Write units of an item there; alone it takes one."""
MOVED = 2
"""Write units of the index that lists sagas, each time one changes its state: out of one list, into another."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What one saga uses.

    Args:
        transitions: of a Standard workflow.
        events: put on the bus.
        sqs_requests: send, receive and delete.
        invocations: of functions, the relay's included.
        gb_seconds: that they take.
        write_units: of DynamoDB, on demand.
    """

    transitions: float = 0
    events: float = 0
    sqs_requests: float = 0
    invocations: float = 0
    gb_seconds: float = 0
    write_units: float = 0

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
        }
        return {name: number * prices[name] * MILLION for name, number in asdict(self).items()}

    @property
    def total(self) -> float:
        """Dollars a million such sagas."""
        return sum(self.dollars.values())


def orchestrated(course: Course, assumptions: Assumptions) -> Usage:
    """What a saga uses as a state machine: a transition for each attempt, group and failing end, and one event."""
    failed = course.ending is not Ending.COMPLETED
    compensated = course.ending is Ending.COMPENSATED
    # An execution that fails is looked at by the relay, also when all was undone.
    invocations = course.attempts + failed
    return Usage(
        transitions=course.attempts + course.groups + compensated,
        events=1,
        invocations=invocations,
        gb_seconds=_gb_seconds(invocations, assumptions),
        write_units=_writes(course, assumptions),
    )


def choreographed(course: Course, plan: Plan, assumptions: Assumptions) -> Usage:
    """What a saga uses as events: one at the start, and for each task one event and the message that led to it."""
    # What was given up, or ends after the pivot, goes through the queue that the relay reads.
    relayed = 1 if course.given_up or course.ending is Ending.STUCK else 0
    invocations = (course.attempts + relayed) / assumptions.batch
    fences = len(plan.handlers) + 1 if course.given_up and course.ending is not Ending.STUCK else 0
    received = course.attempts + relayed
    deleted = len(course.tasks) + relayed
    return Usage(
        events=1 + len(course.tasks),
        sqs_requests=len(course.tasks) + (received + deleted) / assumptions.batch,
        invocations=invocations,
        gb_seconds=_gb_seconds(course.attempts + relayed, assumptions),
        write_units=_writes(course, assumptions) + fences * IN_A_TRANSACTION,
    )


def _gb_seconds(invocations: float, assumptions: Assumptions) -> float:
    return invocations * assumptions.memory_size / 1024 * assumptions.milliseconds / 1000


def _writes(course: Course, assumptions: Assumptions) -> float:
    """Of mode T: each task writes its line and its own items; the first, the turn and the last also the saga's."""
    turns = 2 + (course.ending is Ending.COMPENSATED) + any(task.pivot for task in course.tasks)
    turns = min(turns, len(course.tasks))  # several of them in one write, where there are fewer tasks
    lines = len(course.tasks) * (1 + assumptions.own_writes)
    return IN_A_TRANSACTION * (lines + turns) + 1 + MOVED * (turns - 1)
