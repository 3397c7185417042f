"""What the relay can say about a saga, whichever style it heard of it in."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from saga_runtime import ledger
from saga_runtime.envelope import parse
from saga_runtime.errors import BadCommand
from saga_runtime.events import count_ending, publish_ending
from saga_runtime.fields import WORD
from saga_runtime.ledger.sagas import Reached
from saga_runtime.refusals import redacted
from saga_runtime.values import short

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        version: of the definition.
        goes_on: whether the way back goes on when a compensation keeps failing.
        versions: the same for every version of the definition in flight; empty to judge all by this one.
    """

    saga: str
    steps: Mapping[str, "Sequence[str]"]
    services: "Services"
    version: str
    goes_on: bool = False
    versions: Mapping[str, "Verdict"] = field(default_factory=dict[str, "Verdict"], repr=False)

    def of(self, version: str) -> "Verdict":
        """What is known of sagas of that version; raises :class:`BadCommand` when that is nothing."""
        if not self.versions:
            return self
        if known := self.versions.get(version):
            return known
        rule = (
            f"only {', '.join(self.versions)} are deployed; add the definition that it started with to draining=[…] of "
            f"the construct, deploy, then give this order or redrive this message again"
        )
        public = f"saga {self.saga!r} of version {version!r}" if WORD.fullmatch(version) else "saga.version"
        raise BadCommand(redacted(f"saga {self.saga!r} of version {version!r:.80}: {rule}", f"{public}: {rule}"))

    @cached_property
    def sagas(self) -> ledger.Sagas:
        """The ledger."""
        return ledger.Sagas(ledger.Store(self.services))

    def command(self, saga: Json, start: Json | None = None) -> "Command":
        """A command that stands for a whole saga, from its travelling half.

        Args:
            saga: as the ledger or an execution's input has it.
            start: what Step Functions says of the execution; ``None`` for the ledger's.
        """
        task = {"step": next(iter(self.steps)), "operation": "action", "handler": "relay"}
        return parse({"task": {**task, "saga": self.saga, "version": self.version}, "saga": saga, "start": start})

    def completed(self, command: "Command", state: ledger.State) -> None:
        """The last action was done, but could not say so."""
        publish_ending(self.services, command, "COMPLETED", command.with_results(state.results).saga)

    def standing(self, state: ledger.State) -> list[str]:
        """Where a saga stands: past the pivot at the first step not done, else at the last not undone.

        When the way back went on at each failure, that is at all that are not undone.
        """
        if state.meta.get("st") == "COMMITTED":
            return [step for step in self.steps if not state.done([step])][:1]
        left = self.left(state)
        return left if self.goes_on else left[:1]

    def in_order(self, steps: "Sequence[str]") -> list[str]:
        """Steps in the order of the way back."""
        return [step for step in reversed([*self.steps]) if step in steps]

    def left(self, state: ledger.State) -> list[str]:
        """The steps that are still to be undone, in the order of the way back."""
        undoable = (step for step, handlers in self.steps.items() if len(handlers) > 1)
        return [step for step in reversed([*undoable]) if step in state.steps and not state.undone([step])]

    def stuck(self, command: "Command", error: str, cause: str, steps: "Sequence[str]" = (), letter: str = "") -> None:
        """Somebody must look: the saga cannot go on by itself.

        Args:
            command: where it stands.
            error: what was wrong there, by name.
            cause: in words.
            steps: every step that is left; the command's by default.
            letter: the message that will wait in the dead-letter queue; empty for none.
        """
        steps = list(steps) or [command.step]
        if self.sagas.stick(ledger.SagaKey.of(command), steps, short(f"{error}: {cause}"), letter):
            self.tell_stuck(command, error, cause, steps)  # else it has ended meanwhile

    def tell_stuck(self, command: "Command", error: str, cause: str, steps: "Sequence[str]") -> None:
        """Announce that somebody must look; arguments as of :meth:`stuck`."""
        saga = replace(command, step=steps[0]).failed("stuck", error, cause, recorded=True)
        saga["failure"]["stuck"] = [*steps]
        publish_ending(self.services, command, "STUCK", saga)
        count_ending(self.services, command, "STUCK", saga)

    def compensated(self, command: "Command", cause: str, error: str = GIVEN_UP) -> None:
        """Everything is undone, but no compensation was there to say so.

        It is said before the ledger has it, which only this can follow: when whoever says it dies in between, and
        nobody repeats what it was asked, the watch still finds the saga.
        """
        failed = command.failed("unknown", error, cause, recorded=True)
        publish_ending(self.services, command, "COMPENSATED", failed)
        if self.sagas.close(ledger.SagaKey.of(command)) is Reached.NOW:
            count_ending(self.services, command, "COMPENSATED", failed)
