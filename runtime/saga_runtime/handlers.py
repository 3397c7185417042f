"""A participant's handlers: actions and compensations, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from saga_runtime.command import Command
from saga_runtime.errors import BadCommand
from saga_runtime.pending import Pending
from saga_runtime.services import Services
from saga_runtime.writes import Writes

Result = Mapping[str, Any] | Pending | None
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
    participant: "Handlers"
    run: Callable[[Command, Writes], Result]

    def compensation(self, handler: OwnCompensation) -> OwnCompensation:
        """Register the handler that undoes this action; ``command.result`` is what the action returned."""
        self.participant.add(Own(handler.__name__, self.participant, handler))
        return handler


@dataclass(frozen=True)
class Outside:
    """Mode X: a handler whose effect is somewhere else, addressed by ``command.idempotency_key``."""

    name: str
    participant: "Handlers"
    run: Callable[[Command], Result]

    def compensation(self, handler: OutsideCompensation) -> OutsideCompensation:
        """Register the handler that undoes this action. ``command.result`` may be ``None``: perhaps it happened."""
        self.participant.add(Outside(handler.__name__, self.participant, handler))
        return handler


@dataclass
class Handlers:
    """What a participant can do.

    Args:
        name: the service, as logs say it.
        services: AWS and the clock; from the environment unless a test brings its own.
    """

    name: str
    services: Services = field(default_factory=Services)
    handlers: dict[str, Own | Outside] = field(default_factory=dict[str, Own | Outside], init=False)

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
