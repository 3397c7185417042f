"""Both styles side by side."""

from dataclasses import dataclass

from cdk_saga.cost.prices import POLLS_A_MONTH, SQS_REQUEST
from cdk_saga.cost.usage import MILLION, Usage


@dataclass(frozen=True, kw_only=True)
class Line:
    """One way a saga can go, in both styles.

    Args:
        course: what happens.
        ending: how it ends, the same in both.
        orchestrated: what a saga uses.
        choreographed: likewise.
    """

    course: str
    ending: str
    orchestrated: Usage
    choreographed: Usage


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A saga's costs.

    Args:
        lines: every course, the happy one first.
        queues: that a choreographed saga's functions read.
    """

    lines: tuple[Line, ...]
    queues: int

    @property
    def idle(self) -> tuple[float, float]:
        """Dollars a month, least and most, for which a choreographed saga's empty queues are polled."""
        low, high = (self.queues * polls * SQS_REQUEST for polls in POLLS_A_MONTH)
        return low, high

    @property
    def cheaper(self) -> str:
        """The style whose happy sagas cost less."""
        happy = self.lines[0]
        return "choreographed" if happy.choreographed.total < happy.orchestrated.total else "orchestrated"

    @property
    def crossover(self) -> tuple[float, float] | None:
        """Happy sagas a month from which on choreography pays for its idle queues; ``None`` when it never does."""
        happy = self.lines[0]
        saved = happy.orchestrated.total - happy.choreographed.total
        if saved <= 0:
            return None
        low, high = (idle / saved * MILLION for idle in self.idle)
        return low, high
