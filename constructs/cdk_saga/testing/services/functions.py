"""AWS Lambda: the functions of a run."""

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from cdk_saga.testing.clock import REQUEST, Clock
from cdk_saga.testing.faults import Delay, Duplicate, Faults, Redrive, Replay
from cdk_saga.testing.schedule import Schedule
from cdk_saga.testing.services.function import Answer, Function
from cdk_saga.testing.services.invocations import Invocation
from cdk_saga.testing.services.requests import Request, outcome
from cdk_saga.testing.trace import Trace

if TYPE_CHECKING:
    from cdk_saga.testing.unsimulated import Unsimulated

Json = dict[str, Any]
Kind = Literal["copy", "redelivery"]


class Functions:
    """All functions of a run.

    Attributes:
        current: the invocation at work.
        invocations: how often each task was invoked.
        order: gives the saga's relay an order.
        replay: replays the bus's archive.
        redrive: redrives the dead-letter queue.
        waiting: invocations that share time with others and are not over.
        refused: what a handler asked for that is not simulated.
    """

    def __init__(self, clock: Clock, schedule: Schedule, faults: Faults, trace: Trace) -> None:
        self.clock = clock
        self.schedule = schedule
        self.faults = faults
        self.trace = trace
        self.current: Invocation | None = None
        self.invocations: dict[str, int] = defaultdict(int)
        self.order: Callable[[Json], None] = lambda _order: None
        self.replay: Callable[[], None] = lambda: None
        self.redrive: Callable[[], None] = lambda: None
        self.waiting: set[Invocation] = set()
        self.refused: Unsimulated | None = None

    def invoke(
        self,
        function: Function,
        event: Any,
        task: str,
        done: Callable[[Answer], None],
        again: Callable[[Kind], None],
    ) -> None:
        """Invoke a function.

        Args:
            function: which.
            event: what it gets, and nobody else.
            task: what it is about, for traces and faults.
            done: gets the answer.
            again: delivers the same once more.
        """
        self.invocations[task] += 1
        label = task, self.invocations[task]
        late = 0.0
        for fault in self.faults.of_invocation(*label):
            if isinstance(fault, Delay):
                late += fault.seconds
            elif isinstance(fault, Duplicate):
                self.clock.after(fault.after, lambda kind=fault.kind: again(kind))
            elif isinstance(fault, Replay):
                self.clock.after(fault.after, self.replay)
            elif isinstance(fault, Redrive):
                self.clock.after(fault.after, self.redrive)
        invocation = Invocation(self, function, event, label, done)
        if late:
            self.clock.after(late, invocation.begin)
        else:
            invocation.begin()

    def request(self, request: Request) -> Any:
        """Send a request of whoever is at work: a function, or the caller of the simulation."""
        if self.current:
            return self.current.request(request)
        return self.land(request, ("caller", 1), 0)

    def sleep(self, seconds: float) -> None:
        """What ``time.sleep`` is in a function."""
        if self.current:
            self.current.wait(seconds)

    def close(self) -> None:
        """End whatever still waits, when a run is given up."""
        for invocation in tuple(self.waiting):
            invocation.kill()

    def land(self, request: Request, label: tuple[str, int], number: int) -> Any:
        """Let a request reach its service."""
        self.clock.now += REQUEST
        at = self.clock.now
        try:
            reply = request.send()
        except Exception as error:
            self.trace.request(at, label, number, request.operation, outcome(error))
            raise
        self.trace.request(at, label, number, request.operation, "ok")
        return reply
