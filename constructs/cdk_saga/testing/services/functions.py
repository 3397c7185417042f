"""AWS Lambda: the functions of a run."""

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal

from cdk_saga.testing.clock import REQUEST, Clock
from cdk_saga.testing.faults import ArchiveReplay, Delay, Duplicate, Fault, Faults, NoConcurrency, Redrive
from cdk_saga.testing.schedule import Schedule
from cdk_saga.testing.services.authorization import Policies, access_denied
from cdk_saga.testing.services.calls import Call
from cdk_saga.testing.services.function import Answer, Function
from cdk_saga.testing.services.invocations import Invocation
from cdk_saga.testing.services.requests import Request, outcome
from cdk_saga.testing.trace import Trace

if TYPE_CHECKING:
    from cdk_saga.testing.unsimulated import Unsimulated

Json = dict[str, Any]
Kind = Literal["copy", "redelivery"]
THROTTLED: Final = "Lambda.TooManyRequestsException"
"""What Step Functions calls it when a function has no concurrency left."""


class Functions:
    """All functions of a run.

    Attributes:
        current: the invocation at work.
        invocations: how often each task was invoked.
        operate: gives the saga's recovery function an order.
        replay: replays the bus's archive.
        redrive: redrives the dead-letter queue.
        concurrency: invocations of each function at the same time; ``None`` for any number.
        waiting: invocations that share time with others and are not over.
        refused: what a handler asked for that is not simulated.
        policies: what the roles are allowed; ``None`` where no saga is deployed, and everything is.
        denied: what was denied, in words.
    """

    def __init__(self, clock: Clock, schedule: Schedule, faults: Faults, trace: Trace) -> None:
        self.clock = clock
        self.schedule = schedule
        self.faults = faults
        self.trace = trace
        self.current: Invocation | None = None
        self.invocations: dict[str, int] = defaultdict(int)
        self.operate: Callable[[Json], None] = lambda _order: None
        self.replay: Callable[[], None] = lambda: None
        self.redrive: Callable[[], None] = lambda: None
        self.waiting: set[Invocation] = set()
        self.concurrency: int | None = None
        self._running: dict[str, int] = defaultdict(int)
        self._throttled_until: dict[str, float] = {}
        self._struck: set[Fault] = set()
        self.refused: Unsimulated | None = None
        self.policies: Policies | None = None
        self.denied: list[str] = []

    def invoke(
        self,
        function: Function,
        event: Any,
        task: str,
        done: Callable[[Answer], None],
        again: Callable[[Kind], None],
        *,
        role: str = "",
    ) -> None:
        """Invoke a function.

        Args:
            function: which.
            event: what it gets, a copy of its own.
            task: what it is about, for traces and faults.
            done: gets the answer.
            again: delivers the same once more.
            role: in whose name, if a permission of it says so.
        """
        if role and not function.deleted and not self.allows(role, Call("lambda:InvokeFunction", function.arn)):
            return done(Answer(error="Lambda.AWSLambdaException", cause="access denied"))
        label = task, self.invocations[task] + 1
        if self._is_throttled(function, label):
            self.trace.add(self.clock.now, label, "AWS Lambda", THROTTLED)
            self.clock.after(0.0, lambda: done(Answer(error=THROTTLED, cause="Rate Exceeded.")))
            return None
        self.invocations[task] += 1
        self._running[function.name] += 1

        def over(answer: Answer) -> None:
            self._running[function.name] -= 1
            done(answer)

        late = 0.0
        for fault in self.faults.of_invocation(*label):
            if isinstance(fault, Delay):
                late += fault.seconds
            elif isinstance(fault, Duplicate):
                self.clock.after(fault.after, lambda kind=fault.kind: again(kind))
            elif isinstance(fault, ArchiveReplay):
                self.clock.after(fault.after, self.replay)
            elif isinstance(fault, Redrive):
                self.clock.after(fault.after, self.redrive)
        invocation = Invocation(self, function, event, label, over)
        if late:
            self.clock.after(late, invocation.begin)
        else:
            invocation.begin()
        return None

    def _is_throttled(self, function: Function, label: tuple[str, int]) -> bool:
        """Whether the function has no concurrency left: such an invocation is refused, and its handler not reached.

        A synchronous caller gets the error (AWS Lambda, "Invoke", TooManyRequestsException); a message stays hidden
        until its visibility time-out, one receive older (AWS Lambda, "Creating and configuring an Amazon SQS event
        source mapping").
        """
        for fault in self.faults.of_invocation(*label):
            if isinstance(fault, NoConcurrency) and fault not in self._struck:
                self._struck.add(fault)
                self._throttled_until[function.name] = self.clock.now + fault.seconds
        full = self.concurrency is not None and self._running[function.name] >= self.concurrency
        return full or self.clock.now < self._throttled_until.get(function.name, 0.0)

    def request(self, request: Request) -> Any:
        """Send a request of the current caller: a function, or the caller of the simulation."""
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

    def allows(self, role: str, call: Call) -> bool:
        """Whether a role may do what a service does in its name, or a service by itself."""
        denied = self.policies and self.policies.denies(role, call)
        if denied:
            self.denied.append(denied)
        return not denied

    def authorize(self, role: str, request: Request) -> None:
        """Raise what a service answers a role that may not ask this; without a role all is allowed."""
        if role and self.policies and (denied := self.policies.check(role, request)):
            self.denied.append(denied)
            raise access_denied(denied, request.operation)

    def land(self, request: Request, label: tuple[str, int], number: int, role: str = "") -> Any:
        """Let a request reach its service, which asks IAM whether the role may; without a role all is allowed."""
        self.clock.now += REQUEST
        at = self.clock.now
        try:
            self.authorize(role, request)
            reply = request.send()
        except Exception as error:
            self.trace.request(at, label, number, request.operation, outcome(error))
            raise
        self.trace.request(at, label, number, request.operation, "ok")
        return reply
