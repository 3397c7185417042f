"""What is checked: a saga, its participants, and the data that they begin with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final, Literal, Protocol, get_args

from cdk_saga.definition import NOTHING_TO_UNDO, Saga
from cdk_saga.testing.participant import SimulatedParticipant

Json = dict[str, Any]
Style = Literal["choreographed", "orchestrated"]
STYLES: Final[tuple[Style, ...]] = get_args(Style)


class CheckError(ValueError):
    """The check was told something that makes no sense, or too little to prove anything; the text says what to do."""


class Checked(SimulatedParticipant, Protocol):
    """What the check needs of a participant: a ``saga_runtime.Participant``."""

    handlers: Any


class Provider(Protocol):
    """A stand-in for a service that is not AWS's: the methods that the handlers call, and what is in force there.

    A fresh one is made for each run. Calls of it are repeated, lost, and late, as calls of the real one are; so it
    should do with an idempotency key what the real one does.
    """

    def effects(self) -> Mapping[str, Any]:
        """What a customer would notice of it by now, e.g. each charge that was not refunded, by its key."""
        ...


@dataclass(frozen=True)
class Table:
    """A participant's DynamoDB table.

    Args:
        items: what it holds before each run, as plain values.
        keys: the names of its partition key and, if there is one, its sort key. Text, unless the first item's are
            numbers or bytes.
        indexes: the keys of each secondary index, by its name; likewise.
    """

    items: Sequence[Mapping[str, Any]] = ()
    keys: tuple[str, ...] = ("pk",)
    indexes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is checked; see :func:`cdk_saga.testing.check.check` for the parameters."""

    saga: Saga
    participants: Mapping[str, Checked]
    tables: Mapping[str, Table]
    providers: Mapping[str, Callable[[], Provider]]
    inputs: Sequence[Json]
    environment: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    ignored: Sequence[str] = ()
    answers: Mapping[str, Json] = field(default_factory=dict[str, Json])

    def __post_init__(self) -> None:
        if not self.inputs:
            raise CheckError("inputs is empty: give at least one input with which the saga completes")
        if not (self.tables or self.providers):
            raise CheckError("neither tables nor providers: no effect can be seen; hand over what the participants own")
        waiting = [step.name for step in self.saga.all_steps if step.callback_timeout]
        if unknown := sorted(set(self.answers) - set(waiting)):
            raise CheckError(f"answers names {unknown}, the steps that wait are {waiting}: only those are answered")
        for step in self.saga.all_steps:
            self._check_handlers(step.participant, step.name, step.action, step.compensation)
        for name, there in (("environment", self.environment), ("participants", self.participants)):
            if unknown := sorted(set(there) - set(self.saga.participants)):
                raise CheckError(f"{name} names {unknown}, the saga's participants are {list(self.saga.participants)}")

    def waits(self, step: str) -> int | None:
        """Seconds that a step may wait."""
        return next((one.callback_timeout for one in self.saga.all_steps if one.name == step), None)

    def handler(self, task: str) -> str:
        """The handler of a task; ``task`` itself when it is none of a step."""
        name, _, operation = task.partition(".")
        for step in self.saga.all_steps:
            if step.name == name:
                return step.action if operation == "action" else str(step.compensation)
        return task

    def is_ignored(self, *place: str) -> bool:
        """Whether ``table, key`` or ``table, key, attribute`` was declared to be ignored."""
        text = "/".join(place)
        return any(fnmatchcase(text, pattern) for pattern in self.ignored)

    def _check_handlers(self, participant: str, step: str, *handlers: object) -> None:
        if participant not in self.participants:
            known = sorted(self.participants)
            raise CheckError(f"step {step!r} needs participant {participant!r}, participants has {known}: hand it over")
        has = self.participants[participant].handlers
        for handler in handlers:
            if handler is not NOTHING_TO_UNDO and handler not in has:
                raise CheckError(
                    f"step {step!r} names the handler {handler!r}, which participant {participant!r} does not have "
                    f"(it has: {', '.join(sorted(has)) or 'none'}): register it, or name it as it is"
                )
