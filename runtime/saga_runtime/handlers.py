"""A participant's handlers: actions and compensations, by name."""

import contextlib
import copy
import inspect
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from saga_runtime.command import Command
from saga_runtime.errors import BadCommand, BadResult, HandlerFailed, Rejected, SagaError
from saga_runtime.pending import Pending
from saga_runtime.refusals import refusal
from saga_runtime.registration import name_of
from saga_runtime.services import Services
from saga_runtime.writes import Writes

Result = Mapping[str, Any] | Pending | None
LocalAction = Callable[[Command, Writes], Result]
LocalCompensation = Callable[[Command, Writes], None]
ExternalAction = Callable[[Command], Result]
ExternalCompensation = Callable[[Command], None]


LOCAL_PARAMETERS: Final = ("command", "writes")
"""What a handler of local effect is called with."""
EXTERNAL_PARAMETERS: Final = ("command",)
"""What a handler of external effect is called with."""


class LambdaContext(Protocol):
    """The part of Lambda's context object that the runtime reads."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function is killed."""
        ...


@dataclass(frozen=True)
class LocalHandler:
    """Local effect: a handler that collects DynamoDB writes."""

    name: str
    participant: "Handlers"
    run: Callable[[Command, Writes], Result]

    def compensation(self, handler: LocalCompensation) -> LocalCompensation:
        """Register the handler that undoes this action; ``command.result`` is what the action returned.

        It returns nothing, and cannot be rejected: whatever it raises is a failure, retried and then ``STUCK``.

        Raises:
            TypeError: it cannot be called as a compensation.
        """
        self.participant.add(LocalHandler(name_of(handler, LOCAL_PARAMETERS), self.participant, handler))
        return handler

    def act(self, command: Command, writes: Writes) -> Result:
        """Call the action.

        Raises:
            Rejected: by the handler.
            BadResult: it returned a coroutine or a generator, which has not run.
            HandlerFailed: it raised an error that is the runtime's own.
            Exception: whatever else it raised.
        """
        with _handler_errors_apart(self.name, Rejected):
            result = self.run(copy.deepcopy(command), writes)
        _check_has_run(self.name, result)
        return result

    def undo(self, command: Command, writes: Writes) -> None:
        """Call the compensation.

        Raises:
            BadResult: it returned something.
            HandlerFailed: it raised an error that is the runtime's own, ``Rejected`` included.
            Exception: whatever else it raised.
        """
        with _handler_errors_apart(self.name):
            result = self.run(copy.deepcopy(command), writes)
        _check_nothing(self.name, result)


@dataclass(frozen=True)
class ExternalHandler:
    """External effect: a handler whose effect is somewhere else, addressed by ``command.idempotency_key``."""

    name: str
    participant: "Handlers"
    run: Callable[[Command], Result]

    def compensation(self, handler: ExternalCompensation) -> ExternalCompensation:
        """Register the handler that undoes this action. ``command.result`` may be ``None``: perhaps it happened.

        It returns nothing, and cannot be rejected: whatever it raises is a failure, retried and then ``STUCK``.

        Raises:
            TypeError: it cannot be called as a compensation.
        """
        self.participant.add(ExternalHandler(name_of(handler, EXTERNAL_PARAMETERS), self.participant, handler))
        return handler

    def act(self, command: Command) -> Result:
        """Call the action; raises as :meth:`Own.act`."""
        with _handler_errors_apart(self.name, Rejected):
            result = self.run(copy.deepcopy(command))
        _check_has_run(self.name, result)
        return result

    def undo(self, command: Command) -> None:
        """Call the compensation; raises as :meth:`Own.undo`."""
        with _handler_errors_apart(self.name):
            result = self.run(copy.deepcopy(command))
        _check_nothing(self.name, result)


@dataclass
class Handlers:
    """What a participant can do.

    Args:
        name: the service, as logs say it.
        services: AWS and the clock; from the environment unless a test brings its own.
    """

    name: str
    services: Services = field(default_factory=Services)
    handlers: dict[str, LocalHandler | ExternalHandler] = field(
        default_factory=dict[str, LocalHandler | ExternalHandler], init=False
    )

    def add(self, handler: LocalHandler | ExternalHandler) -> None:
        """Register under the function's own name; raises :class:`ValueError` for a second of that name."""
        if handler.name in self.handlers:
            raise ValueError(f"participant {self.name!r} has two handlers named {handler.name!r}: rename one")
        self.handlers[handler.name] = handler

    def find(self, command: Command) -> LocalHandler | ExternalHandler:
        """The handler a command asks for; raises :class:`BadCommand` for an unknown one."""
        try:
            return self.handlers[command.handler]
        except KeyError:
            known = ", ".join(sorted(self.handlers)) or "none"
            raise BadCommand(
                f"participant {self.name!r} has no handler {command.handler!r} (it has: {known}): "
                "name it as the definition does, or deploy the participant first"
            ) from None


@contextlib.contextmanager
def _handler_errors_apart(handler: str, *meant: type[SagaError]) -> Generator[None]:
    """Let no error of a handler be taken for one of the runtime: those say what the ledger or the engine has decided.

    Args:
        handler: its name.
        meant: the runtime's errors that it may raise.

    Raises:
        HandlerFailed: it raised another one, or ended its process.
    """
    try:
        yield
    except meant:
        raise
    except (SagaError, SystemExit) as error:
        raise HandlerFailed(handler, error) from error


def _check_has_run(handler: str, result: object) -> None:
    """Refuse a coroutine or a generator: the body of the handler has not run.

    Registration lets a function pass that wraps an ``async def``, as it may run it, with ``asyncio.run`` say. What was
    not run is closed, so that Python does not warn that it was never awaited.

    Raises:
        BadResult: ``result`` is one.
    """
    if inspect.iscoroutine(result) or inspect.isgenerator(result):
        result.close()
    if inspect.isawaitable(result) or inspect.isgenerator(result) or inspect.isasyncgen(result):
        cure = "run an async def with asyncio.run(…), and let a generator be a def that returns"
        raise BadResult(refusal(handler, result, f"the handler has not run: {cure}", seen="returned"))


def _check_nothing(handler: str, result: object) -> None:
    """Raise :class:`BadResult` for what a compensation returned."""
    _check_has_run(handler, result)
    if result is not None:
        raise BadResult(refusal(handler, result, "a compensation returns nothing: drop its value", seen="returned"))
