"""What recovery can say about a saga, whichever style it heard of it in."""

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
class SagaContext:
    """The endings that only recovery can announce.

    Args:
        saga: the saga's name.
        steps: the handlers of each of its steps, in order: nothing else is carried out in its name.
        services: AWS and the clock.
        version: of the definition.
        continue_on_failure: whether compensation continues when a compensation keeps failing.
        versions: the same for every version of the definition in flight; empty to judge all by this one.
    """

    saga: str
    steps: Mapping[str, "Sequence[str]"]
    services: "Services"
    version: str
    continue_on_failure: bool = False
    versions: Mapping[str, "SagaContext"] = field(default_factory=dict[str, "SagaContext"], repr=False)

    def of(self, version: str) -> "SagaContext":
        """What is known of sagas of that version; raises :class:`BadCommand` when that is nothing."""
        if not self.versions:
            return self
        if known := self.versions.get(version):
            return known
        rule = (
            f"only {', '.join(self.versions)} are deployed; add the definition that it started with to "
            "previous_versions=[…] of "
            f"only {', '.join(self.versions)} are deployed; add the definition that it started with to "
            f"previous_versions=[…] of the construct, deploy, then give this operation or redrive this message again"
        )
        public = f"saga {self.saga!r} of version {version!r}" if WORD.fullmatch(version) else "saga.version"
        raise BadCommand(redacted(f"saga {self.saga!r} of version {version!r:.80}: {rule}", f"{public}: {rule}"))

    @cached_property
    def sagas(self) -> ledger.Sagas:
        """The ledger."""
        return ledger.Sagas(ledger.Store(self.services))

    def command(self, saga: Json, start: Json | None = None) -> "Command":
        """A command that stands for a whole saga, from its saga state.

        Args:
            saga: as the ledger or an execution's input has it.
            start: what Step Functions says of the execution; ``None`` for the ledger's.
        """
        task = {"step": next(iter(self.steps)), "operation": "action", "handler": "recovery"}
        return parse({"task": {**task, "saga": self.saga, "version": self.version}, "saga": saga, "start": start})

    def completed(self, command: "Command", state: ledger.SagaState) -> None:
        """The last action was done, but could not say so."""
        publish_ending(self.services, command, "COMPLETED", command.with_results(state.results).saga)

    def position(self, state: ledger.SagaState) -> list[str]:
        """Where a saga stands: past the pivot at the first step not done, else at the last not undone.

        When compensation went on at each failure, that is at all that are not undone.
        """
        if state.meta.get("st") == "COMMITTED":
            return [step for step in self.steps if not state.done([step])][:1]
        left = self.to_compensate(state)
        return left if self.continue_on_failure else left[:1]

    def in_order(self, steps: "Sequence[str]") -> list[str]:
        """Steps in the order of compensation."""
        return [step for step in reversed([*self.steps]) if step in steps]

    def to_compensate(self, state: ledger.SagaState) -> list[str]:
        """The steps that are still to be undone, in the order of compensation."""
        undoable = (step for step, handlers in self.steps.items() if len(handlers) > 1)
        return [step for step in reversed([*undoable]) if step in state.steps and not state.undone([step])]

    def stuck(
        self, command: "Command", error: str, cause: str, steps: "Sequence[str]" = (), dead_letter: str = ""
    ) -> None:
        """Mark the saga as stuck and publish that: it cannot go on by itself.

        Args:
            command: where it stands.
            error: what was wrong there, by name.
            cause: in words.
            steps: every step that is left; the command's by default.
            dead_letter: the message that will wait in the dead-letter queue; empty for none.
        """
        steps = list(steps) or [command.step]
        if self.sagas.mark_stuck(ledger.SagaKey.of(command), steps, short(f"{error}: {cause}"), dead_letter):
            self.publish_stuck(command, error, cause, steps)  # else it has ended meanwhile

    def publish_stuck(self, command: "Command", error: str, cause: str, steps: "Sequence[str]") -> None:
        """Publish that the saga is stuck; arguments as of :meth:`stuck`."""
        saga = replace(command, step=steps[0]).failed("stuck", error, cause, recorded=True)
        saga["failure"]["stuck"] = [*steps]
        publish_ending(self.services, command, "STUCK", saga)
        count_ending(self.services, command, "STUCK", saga)

    def compensated(self, command: "Command", cause: str, error: str = GIVEN_UP) -> None:
        """Everything is undone, but no compensation was there to say so.

        It is published before the ledger has it, which only this can follow: when the function crashes in between, and
        its caller does not repeat the operation, the watchdog still finds the saga.
        """
        failed = command.failed("unknown", error, cause, recorded=True)
        publish_ending(self.services, command, "COMPENSATED", failed)
        if self.sagas.close(ledger.SagaKey.of(command)) is Reached.NOW:
            count_ending(self.services, command, "COMPENSATED", failed)
