"""What a participant's author writes: actions, each with its compensation."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from saga_runtime.gc_pause import gc_paused
from saga_runtime.handlers import (
    EXTERNAL_PARAMETERS,
    LOCAL_PARAMETERS,
    ExternalAction,
    ExternalHandler,
    Handlers,
    LambdaContext,
    LocalAction,
    LocalHandler,
)
from saga_runtime.refusals import discreetly
from saga_runtime.registration import name_of

Entry = Callable[[Handlers, dict[str, Any], LambdaContext], Any]


@dataclass
class Participant(Handlers):
    """A service that takes part in sagas; ``handler`` is its Lambda function's entry in both styles.

    Args:
        name: the service, as logs say it.
        services: AWS and the clock; from the environment unless a test brings its own.

    Example:
        >>> flights = Participant("flights")
        >>> @flights.action
        ... def book_flight(command: Command, writes: Writes) -> dict[str, str]:
        ...     writes.update("flights", {"pk": "LH1"}, "ADD seats :less", values={":less": -1, ":one": 1},
        ...                   condition="seats >= :one", rejected="the flight is full")
        ...     return {"seat": "1A"}
        >>> @book_flight.compensation
        ... def cancel_flight(command: Command, writes: Writes) -> None:
        ...     writes.update("flights", {"pk": "LH1"}, "ADD seats :more", values={":more": 1})
    """

    def action(self, handler: LocalAction) -> LocalHandler:
        """Register an action of local effect its effect is the ``writes`` it collects, committed with the ledger.

        Raises:
            TypeError: it cannot be called as a handler, e.g. an ``async def``; the text says what to write instead.
            ValueError: there is a handler of that name.
        """
        own = LocalHandler(name_of(handler, LOCAL_PARAMETERS), self, handler)
        self.add(own)
        return own

    def external_action(self, handler: ExternalAction) -> ExternalHandler:
        """Register an action of external effect it calls something outside under a lease; raises as :meth:`action`."""
        outside = ExternalHandler(name_of(handler, EXTERNAL_PARAMETERS), self, handler)
        self.add(outside)
        return outside

    def handler(self, event: dict[str, Any], context: LambdaContext) -> Any:
        """The Lambda entry point."""
        with discreetly():
            return (_queue() if "Records" in event else _direct())(self, event, context)


# Imported when first called: a function pays at its cold start only for the style it is called in.


@cache
def _queue() -> Entry:
    with gc_paused("queue"):
        from saga_runtime.entry.queue import handle  # noqa: PLC0415
    return handle


@cache
def _direct() -> Entry:
    with gc_paused("direct"):
        from saga_runtime.entry.direct import handle  # noqa: PLC0415
    return handle
