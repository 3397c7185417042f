"""Faults that strike an invocation as a whole, or its caller."""

from dataclasses import dataclass, field
from typing import Literal

from cdk_saga.testing.faults.base import Fault


@dataclass(frozen=True, kw_only=True)
class Duplicate(Fault):
    """A task is delivered once more, some time after one of its deliveries.

    Args:
        task: which.
        attempt: which of its invocations happens twice.
        after: seconds between the two.
        kind: a ``copy`` of the message, or a ``redelivery`` of the same one, although it has been deleted.
    """

    after: float = 0.0
    kind: Literal["copy", "redelivery"] = "copy"


@dataclass(frozen=True, kw_only=True)
class Delay(Fault):
    """An invocation begins late: its message waits, or the service is slow.

    Args:
        task: which.
        attempt: which of its invocations.
        seconds: how late.
    """

    seconds: float = 100.0


@dataclass(frozen=True, kw_only=True)
class NoConcurrency(Fault):
    """AWS Lambda throttles the task's function for a time, beginning with an invocation of the task.

    Args:
        task: which.
        attempt: before which of its invocations.
        seconds: how long.
    """

    seconds: float = 600.0


@dataclass(frozen=True, kw_only=True)
class Undelivered(Fault):
    """EventBridge cannot reach a task's queue for a day; the event goes to the rule's dead-letter queue.

    Args:
        task: which.
        attempt: which of its deliveries.
    """


@dataclass(frozen=True, kw_only=True)
class Lost(Fault):
    """The saga stalls without a notification: choreographed the message is lost on its way to the task's queue.

    Orchestrated the execution is deleted while the task is at work. Only recovery's watchdog finds such a saga.

    Args:
        task: which.
        attempt: which of its deliveries.
    """


@dataclass(frozen=True, kw_only=True)
class Batched(Fault):
    """A message comes in one batch with a copy of itself; choreographed only, elsewhere there are no batches.

    Args:
        task: which.
        attempt: which of its invocations.
    """


@dataclass(frozen=True, kw_only=True)
class ArchiveReplay(Fault):
    """An operator replays the bus's archive: every event so far goes to its rules again; choreographed only.

    Args:
        task: at which task's invocation the seconds begin.
        attempt: which of its invocations.
        after: seconds until the replay.
    """

    after: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Redrive(Fault):
    """An operator redrives the dead-letter queue, whether or not what brought its messages there has been repaired.

    Args:
        task: at which task's invocation the seconds begin.
        attempt: which of its invocations.
        after: seconds until the redrive.
    """

    after: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Stop(Fault):
    """An operator stops the execution while a task is at work; choreographed there is nothing to stop."""


@dataclass(frozen=True, kw_only=True)
class NamelessErrors(Fault):
    """A state machine learns that a function failed, but not how: errors lose their names."""

    task: str = field(default="", kw_only=False)
