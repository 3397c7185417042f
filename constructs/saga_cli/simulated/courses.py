"""The ways a saga can go: all goes well, or one step fails in one manner."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from cdk_saga import Saga

How = Literal["", "rejected", "unknown", "times out", "unanswered"]


class Course(NamedTuple):
    """One way.

    Attributes:
        step: the one that fails; empty for none.
        how: it is rejected; raises at each attempt, so that nobody knows whether it happened (``unknown``); is killed
            at each attempt while at work, with its lease running (``times out``); or waits in vain (``unanswered``).
    """

    step: str = ""
    how: How = ""

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.step} {self.how}" if self.step else "all goes well"


def courses(saga: Saga) -> Iterator[Course]:
    """All of them, the happy one first."""
    yield Course()
    for step in saga.steps:
        yield Course(step.name, "rejected")
        yield Course(step.name, "unknown")
        yield Course(step.name, "times out")
        if step.waits:
            yield Course(step.name, "unanswered")
