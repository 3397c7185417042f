"""What may go wrong, as data: each fault says what, to which task, and when."""

from collections import defaultdict
from collections.abc import Iterable

from cdk_saga.testing.faults.at_deliveries import (
    ArchiveReplay,
    Batched,
    Delay,
    Duplicate,
    Lost,
    NamelessErrors,
    NoConcurrency,
    Redrive,
    Stop,
    Undelivered,
)
from cdk_saga.testing.faults.at_requests import Cancel, Crash, LostReply, NotTaken, Slow, Stale, Throttled
from cdk_saga.testing.faults.base import Died, Fault, Point, RequestFault

__all__ = [
    "ArchiveReplay",
    "Batched",
    "Cancel",
    "Crash",
    "Delay",
    "Died",
    "Duplicate",
    "Fault",
    "Faults",
    "Lost",
    "LostReply",
    "NamelessErrors",
    "NoConcurrency",
    "NotTaken",
    "Point",
    "Redrive",
    "RequestFault",
    "Slow",
    "Stale",
    "Stop",
    "Throttled",
    "Undelivered",
]


class Faults:
    """The faults of one run, found by where they strike."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self.all = tuple(faults)
        self._requests: dict[tuple[str, int], list[RequestFault]] = defaultdict(list)
        self._others: dict[tuple[str, int], list[Fault]] = defaultdict(list)
        for fault in self.all:
            if isinstance(fault, RequestFault):
                self._requests[fault.task, fault.attempt].append(fault)
            else:
                self._others[fault.task, fault.attempt].append(fault)

    def of_requests(self, task: str, attempt: int) -> list[RequestFault]:
        """Faults that strike requests of an invocation."""
        return self._requests.get((task, attempt), [])

    def of_invocation(self, task: str, attempt: int) -> list[Fault]:
        """Faults that strike an invocation as a whole."""
        return self._others.get((task, attempt), [])

    @property
    def nameless(self) -> bool:
        """Whether errors lose their names."""
        return any(isinstance(fault, NamelessErrors) for fault in self.all)
