"""What the relay can say about a saga, whichever style it heard of it in."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from saga_runtime import ledger
from saga_runtime.command import parse
from saga_runtime.events import announce_ending
from saga_runtime.values import short

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from saga_runtime.command import Command
    from saga_runtime.services import Services

Json = dict[str, Any]
GIVEN_UP: Final = "RetriesUsedUp"


@dataclass
class Verdict:
    """The endings that only the relay can announce.

    Args:
        saga: the saga's name.
        steps: the handlers of each of its steps, in order: nothing else is carried out in its name.
        services: AWS and the clock.
    """

    saga: str
    steps: "Mapping[str, Sequence[str]]"
    services: "Services"

    @cached_property
    def sagas(self) -> ledger.Sagas:
        """The ledger."""
        return ledger.Sagas(ledger.Store(self.services))

    def command(self, saga: Json) -> "Command":
        """A command that stands for a whole saga, from its travelling half."""
        task = {"step": next(iter(self.steps)), "operation": "action", "handler": "relay"}
        return parse({"task": task, "saga": saga})

    def at(self, command: "Command", step: str) -> "Command":
        """The command, as if it were of the step where the saga stands; as it is for ``""``."""
        return replace(command, step=step or command.step)

    def completed(self, command: "Command", state: ledger.State) -> None:
        """The last action was done, but could not say so."""
        announce_ending(self.services, command, "COMPLETED", command.with_results(state.results).saga)

    def stuck(self, command: "Command", error: str, cause: str) -> None:
        """Somebody must look: the saga cannot go on by itself."""
        why = short(f"{error}: {cause}")
        if not self.sagas.stick(ledger.SagaKey.of(command), command.step, why):
            return  # it has ended meanwhile
        announce_ending(self.services, command, "STUCK", command.failed("stuck", error, cause, recorded=True))

    def compensated(self, command: "Command", cause: str) -> None:
        """Everything is undone, but no compensation was there to say so."""
        self.sagas.close(ledger.SagaKey.of(command))
        failed = command.failed("unknown", GIVEN_UP, cause, recorded=True)
        announce_ending(self.services, command, "COMPENSATED", failed)
