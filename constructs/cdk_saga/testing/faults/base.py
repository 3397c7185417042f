"""What all faults have in common."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from cdk_saga.testing.services.invocations import Invocation
    from cdk_saga.testing.services.requests import Request

When = Literal["before", "after"]


class Died(BaseException):
    """The end of a function's process. No ``except Exception`` of a handler notices."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that goes wrong with a task.

    Args:
        task: ``<step>.action``, ``<step>.compensation`` or ``recovery``; may be given by position.
        attempt: at which of the task's invocations, counted from 1.
    """

    task: str = field(kw_only=False)
    attempt: int = 1


@dataclass(frozen=True)
class Point:
    """Where a fault strikes.

    Attributes:
        invocation: whose request it is.
        request: the request.
        send: lets the request take effect and returns the reply, or raises the refusal.
    """

    invocation: "Invocation"
    request: "Request"
    send: Callable[[], Any]

    def send_in_vain(self) -> None:
        """Let the request take effect; its caller gets no response."""
        with contextlib.suppress(ClientError):
            self.send()


@dataclass(frozen=True, kw_only=True)
class RequestFault(Fault):
    """Something that goes wrong with a request of a function.

    Args:
        task: whose.
        attempt: at which of its invocations.
        call: which of the requests it makes, counted from 1.
    """

    call: int = 1

    @property
    def last_call(self) -> int:
        """The last request that it strikes."""
        return self.call

    @property
    def takes_time(self) -> bool:
        """Whether other things happen meanwhile."""
        return False

    def strike(self, point: Point) -> Any:
        """Do what becomes of the request; returns or raises what its sender gets."""
        raise NotImplementedError
