"""Faults that strike a request: before it takes effect, after, or on its way."""

from dataclasses import dataclass
from typing import Any, Final

from cdk_saga.testing.dynamodb.errors import cancelled, refused
from cdk_saga.testing.faults.base import Died, Point, RequestFault, When

ENDS: Final = ("error", "cause", "output", "stopDate")
"""What ``DescribeExecution`` says only of an execution that has ended."""


@dataclass(frozen=True, kw_only=True)
class Crash(RequestFault):
    """The function's process dies ``before`` a request is sent, or ``after`` it has taken effect."""

    when: When = "after"

    def strike(self, point: Point) -> Any:
        """Let the request arrive, or not, and die."""
        if self.when == "after":
            point.send_in_vain()
        raise Died(f"crashed {self.when} request {self.call}, {point.request.operation}")


@dataclass(frozen=True, kw_only=True)
class LostReply(RequestFault):
    """A request takes effect, but its reply is lost, so the AWS SDK sends it again."""

    def strike(self, point: Point) -> Any:
        """Send twice."""
        point.request.use_token()
        point.send_in_vain()
        return point.send()


@dataclass(frozen=True, kw_only=True)
class Throttled(RequestFault):
    """A service refuses requests for a while: throttles them or, to a transaction, reports a conflict.

    Args:
        task: whose.
        attempt: at which of its invocations.
        call: which of its requests is the first.
        times: how many.
    """

    times: int = 1

    @property
    def last_call(self) -> int:
        """The last request that it strikes."""
        return self.call + self.times - 1

    def strike(self, point: Point) -> Any:
        """Refuse."""
        request = point.request
        if request.operation == "TransactWriteItems":
            conflict = {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}
            raise cancelled([conflict for _ in request.parameters["TransactItems"]])
        raise refused("ThrottlingException", "Rate exceeded", request.operation)


@dataclass(frozen=True, kw_only=True)
class NotTaken(RequestFault):
    """EventBridge answers ``PutEvents`` with success, yet has not taken the event (``FailedEntryCount``)."""

    def strike(self, point: Point) -> Any:
        """Answer without taking anything."""
        if point.request.operation != "PutEvents":
            return point.send()
        refusal = {"ErrorCode": "InternalFailure", "ErrorMessage": "try again"}
        entries = [refusal for _ in point.request.parameters["Entries"]]
        return {"FailedEntryCount": len(entries), "Entries": entries}


@dataclass(frozen=True, kw_only=True)
class Stale(RequestFault):
    """``DescribeExecution`` answers as things were a moment ago: an execution that has just ended is still running.

    "This operation is eventually consistent. The results are best effort and may not reflect very recent updates and
    changes." (docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html)
    """

    def strike(self, point: Point) -> Any:
        """Answer without what has changed."""
        answer = point.send()
        if point.request.operation != "DescribeExecution":
            return answer
        return {name: value for name, value in answer.items() if name not in ENDS} | {"status": "RUNNING"}


@dataclass(frozen=True, kw_only=True)
class Slow(RequestFault):
    """A request, or its reply, is under way for a long time. A function whose time is over meanwhile is killed.

    The request arrives nevertheless, at most a second after its function has ended.

    Args:
        task: whose.
        attempt: at which of its invocations.
        call: which of its requests.
        seconds: how long.
        when: ``before`` the request takes effect, or ``after``.
    """

    seconds: float = 5.0
    when: When = "before"

    @property
    def takes_time(self) -> bool:
        """Whether other things happen meanwhile."""
        return True

    def strike(self, point: Point) -> Any:
        """Let time pass on one side of the request."""
        if self.when == "before":
            point.invocation.wait(self.seconds, meanwhile=point.send)
            return point.send()
        try:
            return point.send()
        finally:
            point.invocation.wait(self.seconds)


@dataclass(frozen=True, kw_only=True)
class Cancel(RequestFault):
    """A customer cancels the saga just before a request takes effect."""

    def strike(self, point: Point) -> Any:
        """Give the order, then send."""
        point.invocation.operate({"operation": "cancel"})
        return point.send()
