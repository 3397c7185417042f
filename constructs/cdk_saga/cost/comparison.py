"""Both styles side by side."""

from dataclasses import dataclass

from cdk_saga.cost.courses import courses
from cdk_saga.cost.prices import POLLS_A_MONTH, SQS_REQUEST, Assumptions
from cdk_saga.cost.usage import MILLION, Usage, choreographed, orchestrated
from cdk_saga.plan import Ending, Plan


@dataclass(frozen=True, kw_only=True)
class Line:
    """One way a saga can go, in both styles.

    Args:
        course: what happens.
        ending: how it ends.
        orchestrated: what a saga uses.
        choreographed: likewise.
    """

    course: str
    ending: Ending
    orchestrated: Usage
    choreographed: Usage


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A saga's costs.

    Args:
        lines: every course, the happy one first.
        idle: dollars a month that a choreographed saga costs when nothing happens: its queues are polled.
    """

    lines: tuple[Line, ...]
    idle: float

    @property
    def cheaper(self) -> str:
        """The style whose happy sagas cost less."""
        happy = self.lines[0]
        return "choreographed" if happy.choreographed.total < happy.orchestrated.total else "orchestrated"

    @property
    def crossover(self) -> float | None:
        """Happy sagas a month from which on choreography pays for its idle queues; ``None`` when it never does."""
        happy = self.lines[0]
        saved = happy.orchestrated.total - happy.choreographed.total
        return self.idle / saved * MILLION if saved > 0 else None


def compare(plan: Plan, assumptions: Assumptions | None = None) -> Comparison:
    """Price every course of ``plan`` in both styles.

    Args:
        plan: the compiled saga.
        assumptions: what it does not say; 256 MiB and 100 ms by default.
    """
    given = assumptions or Assumptions()
    lines = tuple(
        Line(
            course=course.name,
            ending=course.ending,
            orchestrated=orchestrated(course, given),
            choreographed=choreographed(course, plan, given),
        )
        for course in courses(plan)
    )
    queues = len(plan.tasks) + 1  # and the one that the relay reads
    return Comparison(lines=lines, idle=queues * POLLS_A_MONTH * SQS_REQUEST)
