"""The errors a participant can meet. Their class names are what Step Functions sees as error names."""

from collections.abc import Mapping
from typing import Any

from saga_runtime.refusals import for_logs, redacted


class SagaError(Exception):
    """The base of the runtime's own errors."""


class Rejected(SagaError):
    """A definite business no: the effect did not and will not happen. Never retried.

    Raise it from an action. The text reaches the compensations (``command.failure``), the logs and every function that
    subscribes to the saga's ending.
    """


class SagaFenced(SagaError):
    """A late action: its saga is going back or has ended, so it must not take effect any more. Never retried.

    Args:
        reason: which step of which saga, and what the ledger says of it.
        never_began: whether the saga was closed before its first action.
    """

    def __init__(self, reason: str, *, never_began: bool = False) -> None:
        super().__init__(reason)
        self.never_began = never_began


class PastPivot(SagaError):
    """The point of no return is behind: the saga cannot be undone or rejected any more, it goes forward."""


class RejectedPastPivot(SagaError):
    """A rejection past the pivot, where only success is possible: the saga is stuck. Never retried."""


class InputMismatch(SagaError):
    """The saga id is taken by a saga with another input or definition. Nothing was touched; choose another id."""


class AnotherVersion(InputMismatch):
    """The saga runs by another version of its definition: this is a repeated start. Nothing was touched."""


class Contradiction(SagaError):
    """A command knows results of which the ledger knows nothing, so that the saga is STUCK. Nothing was undone.

    Args:
        reason: which command, and whose results.
        results: all that is known of them, by step.
    """

    def __init__(self, reason: str, results: Mapping[str, Any]) -> None:
        super().__init__(reason)
        self.results = results


class BadResult(SagaError):
    """What a handler returned cannot travel; the text names the field and the rule. Another attempt changes nothing."""


class HandlerFailed(SagaError):
    """A handler raised an error that only the runtime may raise: a failure, retried by the step's policy.

    Args:
        handler: its name.
        error: what it raised.
    """

    def __init__(self, handler: str, error: BaseException) -> None:
        cure = "raise Rejected for a definite no of an action, and an error of your own for anything else"
        if isinstance(error, Rejected):
            cure = "a compensation cannot be rejected: return when nothing is left to undo, else raise another error"
        began = f"{handler} raised {type(error).__name__}"
        super().__init__(redacted(f"{began}: {error}; {cure}", f"{began}: {for_logs(error)}; {cure}"))


class BadCommand(SagaError):
    """A payload that is not a command: the text names the field, what stands there and what is allowed."""


class Busy(SagaError):
    """Not now: a transaction conflicted, or a service throttled. Worth trying again."""


class Leased(Busy):
    """Not now: another delivery is at work, and may have happened. Worth trying again when its lease is over.

    Args:
        reason: what is in the way.
        retry_after: seconds until then.
    """

    def __init__(self, reason: str, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class UsedUp(SagaError):
    """The policy's attempts are used up, by the ledger's count: the handler is not executed again."""


class CallbackPending(SagaError):
    """The step waits for a callback that has not come yet.

    Args:
        reason: which step of which saga.
        seconds: until its time is over.
        fresh: whether this delivery asked; an earlier one did otherwise.
    """

    def __init__(self, reason: str, seconds: float, *, fresh: bool = False) -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.fresh = fresh


class CallbackTimedOut(SagaError):
    """No callback came in time: the outcome is unknown. Another attempt changes nothing."""


class AlreadyPublished(SagaError):
    """The step's callback has come and was published: this delivery was only its timer."""
