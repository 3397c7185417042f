"""The command: what both styles send to a participant."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from saga_runtime.values import fingerprint, short

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class GroupJoin:
    """Whom the last task of a group's branch has to wait for.

    Attributes:
        group: the group's name.
        steps: all its members.
        ends: the ending that an outcome of the whole group means, where it means one.
    """

    group: str
    steps: tuple[str, ...]
    ends: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Command:
    """One task of one saga, as a handler sees it.

    Attributes:
        saga_name: the saga's definition, e.g. ``trip``.
        saga_version: the definition's fingerprint.
        saga_id: which saga, e.g. ``trip-8842``.
        step: the step this command belongs to.
        operation: ``action`` or ``compensation``.
        handler: the name of the registered handler.
        input: what the saga was started with.
        results: what the earlier steps returned, by step.
        failure: during compensation, why: ``{"step", "outcome", "Error", "Cause"}``.
        started: seconds since the epoch when the saga was started.
        deadline: seconds since the epoch from which on no action begins; ``None`` for none.
        first: whether this task opens the saga.
        starts_group: whether it does so for its whole group.
        pivot: whether its success is the point of no return.
        after_pivot: whether it comes after the pivot.
        continue_on_failure: whether compensation continues when this compensation keeps failing.
        grouped: whether it is one of several at the same time.
        join: the group that may be through when this task is.
        fences: the steps that must not take effect any more when this task aborts the saga.
        ends: the ending each outcome of this task means, where it means one.
        compensate_from: the step whose compensation a recovered saga begins with; actions do nothing then.
        run: the execution that this task begins, if it is not the saga's first one; empty elsewhere.
        attempt: 1 for the first execution of the handler; where the ledger was asked, one more than have failed.
        delivery: 1 for the first delivery, counted by the engine; some reach no handler.
        message: of which message of a queue it is a delivery; empty for a call by a state machine.
        callback_timeout: seconds that this action may wait for a callback; ``None`` when it never does.
        token: by which a state machine hears of the answer, when it waits for one.
        task: the task spec as it came.
        saga: the saga state as it came.
        size: bytes of that as JSON.
    """

    saga_name: str
    saga_version: str
    saga_id: str
    step: str
    operation: str
    handler: str
    input: Json
    results: Json
    failure: Json | None
    started: int
    deadline: int | None
    first: bool
    starts_group: bool
    pivot: bool
    after_pivot: bool
    continue_on_failure: bool
    grouped: bool
    join: GroupJoin | None
    fences: tuple[str, ...]
    ends: Mapping[str, str]
    compensate_from: str | None
    run: str
    attempt: int
    delivery: int
    message: str
    callback_timeout: int | None
    token: str
    task: Json = field(compare=False)  # in a queue it has the retry policy too
    saga: Json
    size: int

    @property
    def idempotency_key(self) -> str:
        """The effect's identity, to hand to an external provider: the same for the action and its compensation."""
        return f"{self.saga_name}.{self.saga_id}.{self.step}"

    @property
    def result(self) -> Json | None:
        """What this step's action returned, when that is known."""
        return self.results.get(self.step)

    @cached_property
    def input_hash(self) -> str:
        """The input's fingerprint: a saga id belongs to one input."""
        return fingerprint(self.input)

    @property
    def starts_saga(self) -> bool:
        """Whether the saga begins with this very task; several begin at once where the first part is a group."""
        return self.operation == "action" and (self.starts_group if self.grouped else self.first)

    @property
    def failed_compensations(self) -> list[str]:
        """The steps whose compensation was given up during compensation so far."""
        return list((self.failure or {}).get("stuck", ()))

    def with_failed_compensations(self, *steps: str) -> Json:
        """The saga state after the compensation of ``steps`` was given up too."""
        stuck = dict.fromkeys((*self.failed_compensations, *steps))
        return {**self.saga, "failure": {**(self.failure or {}), "stuck": list(stuck), "recorded": True}}

    @property
    def starts_compensation(self) -> bool:
        """Whether the ledger does not know yet that this saga is being compensated."""
        failure = self.failure or {}
        return failure.get("outcome") == "unknown" and not failure.get("recorded")

    def succeeded(self, result: Json) -> Json:
        """The saga state after this step's action returned ``result``."""
        return {**self.saga, "results": {**self.results, self.step: result}}

    def with_result(self, result: Json) -> "Command":
        """This command, after its step's action returned ``result``."""
        return self.with_results({**self.results, self.step: result})

    def without_result(self) -> "Command":
        """This command, when it is unknown whether its step's action happened."""
        return self.with_results({step: result for step, result in self.results.items() if step != self.step})

    def with_results(self, results: Json) -> "Command":
        """This command, with the steps' results as the ledger knows them."""
        return replace(self, results=results, saga={**self.saga, "results": results})

    def failed(self, outcome: str, error: str, cause: str, *, recorded: bool) -> Json:
        """The saga state after this step failed; ``recorded``: the ledger knows that the saga is going back."""
        why = {"Error": error, "Cause": short(cause)}
        failure = {"step": self.step, "outcome": outcome, **why, "recorded": recorded}
        return {**self.saga, "failure": failure}
