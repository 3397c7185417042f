"""The ways a saga can go: all goes well, or one step fails in one manner."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from cdk_saga import Saga

How = Literal["", "rejected", "unknown", "times out", "unanswered"]


class ExecutionPath(NamedTuple):
    """One way.

    Attributes:
        step: the one that fails; empty for none.
        how: it is rejected; raises at each attempt, so that its outcome is ``unknown``; is killed
            at each attempt while at work, with its lease running (``times out``); or waits without success
            (``unanswered``).
    """

    step: str = ""
    how: How = ""

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.step} {self.how}" if self.step else "all goes well"


def execution_paths(saga: Saga) -> Iterator[ExecutionPath]:
    """All of them, the happy one first."""
    yield ExecutionPath()
    for step in saga.all_steps:
        yield ExecutionPath(step.name, "rejected")
        yield ExecutionPath(step.name, "unknown")
        yield ExecutionPath(step.name, "times out")
        if step.callback_timeout:
            yield ExecutionPath(step.name, "unanswered")
