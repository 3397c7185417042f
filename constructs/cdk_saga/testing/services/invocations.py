"""One run of a function: it makes requests, and may die at any of them."""

import contextlib
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from cdk_saga.testing.environment import variables
from cdk_saga.testing.faults import Died, Point, RequestFault
from cdk_saga.testing.services.cooperative_thread import CooperativeThread
from cdk_saga.testing.services.function import Answer, Context, Function
from cdk_saga.testing.services.requests import Request
from cdk_saga.testing.unsimulated import Unsimulated

if TYPE_CHECKING:
    from cdk_saga.testing.services.functions import Functions

Json = dict[str, Any]
LAST_REQUEST: Final = 1.0
"""Seconds after a function's end within which its last request arrives, if it is under way."""
CRASHED: Final = "Lambda.Unknown"
EXITED: Final = "Runtime.ExitError"
"""What AWS Lambda calls a function whose process has ended (AWS Lambda, "Understanding the Lambda execution environment
lifecycle")."""
TIMED_OUT: Final = "Sandbox.Timedout"


class Invocation:
    """One run of a function."""

    def __init__(
        self,
        functions: "Functions",
        function: Function,
        event: Any,
        label: tuple[str, int],
        done: Callable[[Answer], None],
    ) -> None:
        self.label = label
        self.calls = 0
        self._functions = functions
        self._function = function
        self._event = event
        self._done: Callable[[Answer], None] | None = done
        self._faults: Sequence[RequestFault] = functions.faults.of_requests(*label)
        self._baton: CooperativeThread | None = None
        self._limit = 0.0

    def begin(self) -> None:
        """Run the function, beside others where time passes meanwhile."""
        functions = self._functions
        self._limit = functions.clock.now + self._function.timeout
        if functions.schedule.interleaved or any(fault.takes_time for fault in self._faults):
            self._baton = CooperativeThread(self._run)
            functions.waiting.add(self)
            self._continue()
        else:
            self._at_work(self._run)

    def request(self, request: Request) -> Any:
        """Send a request, unless something happens to it."""
        self._check_alive()
        self.calls += 1
        number = self.calls

        def send() -> Any:
            return self._functions.land(request, self.label, number, self._function.name)

        if self._baton and (seconds := self._functions.schedule.request()):
            self.wait(seconds, meanwhile=send)
        for fault in self._faults:
            if fault.call <= number <= fault.last_call:
                send = _wrapped(fault, self, request, send)
        answer = send()
        self._check_alive()
        return answer

    def wait(self, seconds: float, meanwhile: Callable[[], Any] | None = None) -> None:
        """Let time pass for this function.

        Args:
            seconds: how long.
            meanwhile: what reaches its goal even if the function is killed before the time is over.
        """
        if not self._baton or self._functions.current is not self:
            return  # no time passes here: it runs alone, or its last request is landing without it
        clock = self._functions.clock
        left = self._limit - clock.now
        if seconds < left:
            clock.after(seconds, self._continue)
        else:
            clock.after(left, self._time_out)
            if meanwhile:
                landing = meanwhile
                clock.after(min(seconds, left + LAST_REQUEST), lambda: _quietly(landing))
        self._baton.pause()
        self._check_alive()

    def operate(self, operation: Json) -> None:
        """Let an operator invoke the saga's recovery meanwhile."""
        self._functions.operate(operation)

    def kill(self) -> None:
        """End the function's process, wherever it is."""
        self._done = None
        if self._baton:
            self._continue()

    def _run(self) -> None:
        self._finish(self._answer())
        self._functions.waiting.discard(self)

    def _answer(self) -> Answer:
        function, clock = self._function, self._functions.clock
        context = Context(clock, self._limit, function.name, f"{self.label[0]}-{self.label[1]}", function.invoked_arn)
        try:
            return Answer(json.loads(json.dumps(function.handler(self._event, context))))
        except Died as death:
            if self._done:
                self._functions.trace.add(clock.now, self.label, "the function", str(death))
            return Answer(error=CRASHED, cause=str(death))
        except Unsimulated as refused:
            self._functions.refused = refused
            return Answer(error=CRASHED, cause=str(refused))
        except SystemExit as end:
            self._functions.trace.add(clock.now, self.label, "the function", f"ended itself: {end}")
            return Answer(error=EXITED, cause=f"Runtime exited with error: {end}")
        except Exception as error:  # noqa: BLE001 # as Lambda does
            name = type(error).__name__
            self._functions.trace.add(clock.now, self.label, "the function", f"raised {name}: {error}")
            return Answer(error=name, cause=json.dumps({"errorMessage": str(error), "errorType": name}))

    def _time_out(self) -> None:
        self._functions.trace.add(self._functions.clock.now, self.label, "the function", "killed, its time is over")
        self._finish(Answer(error=TIMED_OUT, cause=f"Task timed out after {self._function.timeout:.2f} seconds"))
        self._continue()

    def _finish(self, answer: Answer) -> None:
        if done := self._done:
            self._done = None
            done(answer)

    def _continue(self) -> None:
        if self._baton:
            self._at_work(self._baton.run)

    def _at_work(self, work: Callable[[], None]) -> None:
        """Let this function go on, with its own variables around it."""
        functions = self._functions
        before, functions.current = functions.current, self
        if self._function.environment:
            with variables(self._function.environment):
                work()
        else:
            work()
        functions.current = before

    def _check_alive(self) -> None:
        if self._done is None:
            raise Died("its time is over")


def _wrapped(
    fault: RequestFault, invocation: Invocation, request: Request, send: Callable[[], Any]
) -> Callable[[], Any]:
    return lambda: fault.strike(Point(invocation, request, send))


def _quietly(landing: Callable[[], Any]) -> None:
    with contextlib.suppress(ClientError, Died):  # the caller is gone
        landing()
