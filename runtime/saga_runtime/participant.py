"""What a participant's author writes: actions, each with its compensation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from saga_runtime.command import Command
from saga_runtime.errors import BadCommand
from saga_runtime.services import Services
from saga_runtime.writes import Writes

Result = Mapping[str, Any] | None
OwnAction = Callable[[Command, Writes], Result]
OwnCompensation = Callable[[Command, Writes], None]
OutsideAction = Callable[[Command], Result]
OutsideCompensation = Callable[[Command], None]


class LambdaContext(Protocol):
    """The part of Lambda's context object that the runtime reads."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function is killed."""
        ...


@dataclass(frozen=True)
class Own:
    """Mode T: a handler that collects DynamoDB writes."""

    name: str
    participant: "Participant"
    run: Callable[[Command, Writes], Result]

    def compensation(self, handler: OwnCompensation) -> OwnCompensation:
        """Register the handler that undoes this action; ``command.result`` is what the action returned."""
        self.participant.add(Own(handler.__name__, self.participant, handler))
        return handler


@dataclass(frozen=True)
class Outside:
    """Mode X: a handler whose effect is somewhere else, addressed by ``command.idempotency_key``."""

    name: str
    participant: "Participant"
    run: Callable[[Command], Result]

    def compensation(self, handler: OutsideCompensation) -> OutsideCompensation:
        """Register the handler that undoes this action. ``command.result`` may be ``None``: perhaps it happened."""
        self.participant.add(Outside(handler.__name__, self.participant, handler))
        return handler


@dataclass
class Participant:
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

    name: str
    services: Services = field(default_factory=Services)
    handlers: dict[str, Own | Outside] = field(default_factory=dict[str, Own | Outside], init=False)

    def action(self, handler: OwnAction) -> Own:
        """Register an action of mode T: its effect is the ``writes`` it collects, committed with the ledger."""
        own = Own(handler.__name__, self, handler)
        self.add(own)
        return own

    def outside_action(self, handler: OutsideAction) -> Outside:
        """Register an action of mode X: it calls something outside under a lease."""
        outside = Outside(handler.__name__, self, handler)
        self.add(outside)
        return outside

    def add(self, handler: Own | Outside) -> None:
        """Register under the function's own name; raises :class:`ValueError` for a second of that name."""
        if handler.name in self.handlers:
            raise ValueError(f"participant {self.name!r} has two handlers named {handler.name!r}: rename one")
        self.handlers[handler.name] = handler

    def find(self, command: Command) -> Own | Outside:
        """The handler a command asks for; raises :class:`BadCommand` for an unknown one."""
        try:
            return self.handlers[command.handler]
        except KeyError:
            known = ", ".join(sorted(self.handlers)) or "none"
            raise BadCommand(
                f"participant {self.name!r} has no handler {command.handler!r} (it has: {known}): "
                "name it as the definition does, or deploy the participant first"
            ) from None

    def handler(self, event: dict[str, Any], context: LambdaContext) -> Any:
        """The Lambda entry point."""
        # Imported here: a function pays at its cold start only for the style it is called in.
        if "Records" in event:
            from saga_runtime.entry.queue import handle  # noqa: PLC0415

            return handle(self, event, context)
        from saga_runtime.entry.direct import handle as handle_directly  # noqa: PLC0415

        return handle_directly(self, event, context)
