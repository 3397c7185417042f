"""Answers from outside to steps that wait: a person has decided, a webhook has called."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from saga_runtime import ledger
from saga_runtime.envelope import parse
from saga_runtime.errors import BadCommand, Rejected, SagaFenced
from saga_runtime.outcome import Outcome
from saga_runtime.payload_budget import check_payload_budget
from saga_runtime.refusals import refusal
from saga_runtime.values import checked, short, size_of

if TYPE_CHECKING:
    from saga_runtime.command import Command
    from saga_runtime.recovery.context import SagaContext
    from saga_runtime.recovery.engines import Engine

Json = dict[str, Any]


@dataclass(frozen=True)
class Answers:
    """Records answers in the ledger first, then publishes them. The same answer again is published again.

    Args:
        context: the saga and its ledger.
        engine: how its style hears of them.
    """

    context: "SagaContext"
    engine: "Engine"

    def complete(self, saga: ledger.SagaKey, step: str, result: Json) -> str | None:
        """The answer is yes; returns why it changes nothing, if so.

        Raises:
            BadCommand: a result that the saga cannot carry.
        """
        state = self.context.sagas.state(saga)
        if (command := _asked(state, step)) is None:
            return _does_not_wait(state, saga, step)
        recorded = state.details(step)
        if taken := [field for field in recorded if field in result and result[field] != recorded[field]]:
            names = ", ".join(taken)
            raise BadCommand(refusal("the result", names, f"{step!r} has recorded that when it asked", seen="has"))
        known, _ = checked({**result, **recorded}, "the result", BadCommand)
        check_payload_budget(command, size_of({step: known}), f"the answer to {step!r}", BadCommand)
        try:
            waiting = self._waiting
            waiting.complete(command, known)
            done = command.with_result(known).saga
            self._answer(state, command, Outcome("succeeded", done, written=waiting.store.written))
        except ledger.Unheard:
            return self.complete(saga, step, result)
        except (ledger.TooLate, SagaFenced) as late:
            return str(late)
        # Past the pivot it was stuck for want of this answer; during compensation it is stuck for another reason.
        if command.after_pivot and step in state.stuck:
            self.context.sagas.clear_stuck(saga, state)
        return None

    def reject(self, saga: ledger.SagaKey, step: str, reason: str) -> str | None:
        """The answer is no; returns why it changes nothing, if so."""
        state = self.context.sagas.state(saga)
        if (command := _asked(state, step)) is None:
            return _does_not_wait(state, saga, step)
        if command.after_pivot:
            return f"{step!r} comes after the pivot of saga {saga.id!r}: it can only be completed"
        rejection = Rejected(short(reason))
        if state.steps[step].get("err") == str(rejection) and state.steps[step]["st"] != "PENDING":
            return None  # the same answer again, and what it set going is over
        waiting = self._waiting
        try:
            waiting.reject(command, rejection)
        except ledger.Unheard:
            return self.reject(saga, step, reason)
        except ledger.TooLate as late:
            return str(late)
        no = command.failed("rejected", "Rejected", str(rejection), recorded=True)
        self._answer(state, command, Outcome("rejected", no, rejection, written=waiting.store.written))
        return None

    @property
    def _waiting(self) -> ledger.Callbacks:
        return ledger.Callbacks(ledger.Store(self.context.services))

    def _answer(self, state: ledger.SagaState, command: "Command", report: Outcome) -> None:
        if "published" not in state.steps[command.step]:
            self.engine.answer(command, report)


def _asked(state: ledger.SagaState, step: str) -> "Command | None":
    """The command of a step that waits, or did."""
    command = state.asked(step)
    return None if command is None else parse(command)


def _does_not_wait(state: ledger.SagaState, saga: ledger.SagaKey, step: str) -> str:
    seen = state.steps.get(step, {}).get("st", "not begun")
    return f"{step!r} of saga {saga.id!r} waits for no callback: it is {seen}"
