"""What a Lambda function is, what it knows of its time, and what it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cdk_saga.testing.clock import Clock
from cdk_saga.testing.services.calls import arn

Handler = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Function:
    """A Lambda function.

    Attributes:
        name: its name.
        handler: what it runs.
        timeout: seconds it may take.
        environment: the variables that it sees besides those that all functions see.
        deleted: whether it is there no more, so that no policy names it.
        alias: by which it is invoked; empty for none.
    """

    name: str
    handler: Handler
    timeout: float
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    deleted: bool = False
    alias: str = ""

    @property
    def arn(self) -> str:
        """Its ARN."""
        return arn("lambda", f"function:{self.name}")

    @property
    def invoked_arn(self) -> str:
        """The ARN by which it is invoked."""
        return f"{self.arn}:{self.alias}" if self.alias else self.arn


@dataclass(frozen=True)
class Answer:
    """What an invocation came to: a value, or an error's name and its cause."""

    value: Any = None
    error: str = ""
    cause: str = ""


@dataclass(frozen=True)
class Context:
    """Lambda's context object."""

    clock: Clock
    limit: float
    function_name: str
    aws_request_id: str
    invoked_function_arn: str

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function is killed."""
        return max(0, int((self.limit - self.clock.now) * 1000))
