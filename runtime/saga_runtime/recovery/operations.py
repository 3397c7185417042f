"""What people can tell a saga: cancel, resume, skip, retry; complete or reject a step that waits for them."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

from saga_runtime.envelope import checked_id
from saga_runtime.errors import BadCommand
from saga_runtime.events import publish_ending
from saga_runtime.ledger import Lost, SagaKey, SagaState
from saga_runtime.ledger.items import CANCEL, CLAIMS
from saga_runtime.recovery.callbacks import Answers
from saga_runtime.recovery.engines import Engine, EventEngine
from saga_runtime.recovery.retry import StepRetry
from saga_runtime.refusals import refusal
from saga_runtime.values import MAX_REASON_LENGTH, short

if TYPE_CHECKING:
    from saga_runtime.recovery.context import SagaContext

Json = dict[str, Any]
ANSWERS: Final = ("complete", "reject")
NOT_STARTED: Final = "NOT_STARTED"
"""The state of a saga that was cancelled before the ledger knew of it: it will not begin."""
OPERATIONS: Final = ("cancel", "resume", "skip", "retry", "redrive")
ALL_OPERATIONS: Final = (*OPERATIONS, *ANSWERS)


@dataclass(frozen=True)
class ControlOperations:
    """Carries out operations.

    Args:
        context: the saga and its ledger.
        engine: how its style is set going.
        last_compensable_step: the last step that can be undone; empty when none can.
    """

    context: "SagaContext"
    engine: Engine
    last_compensable_step: str

    def perform(self, operation: Json) -> Json:
        """Carry out an operation: ``{"operation": …, "id": …}``, for some with ``step``, ``reason`` or ``result``.

        The order ``retry`` is :class:`Replay`'s. With ``"ahead": false`` a saga that the ledger does not know is not
        cancelled.

        Returns:
            ``{"status": …, "refused": …}``: the saga's state afterwards, and why nothing was done, or ``None``; with
            ``"early": true`` an answer to a step that may wait in a moment.

        Raises:
            BadCommand: an unknown operation, or a field that is missing.
        """
        asked = operation.get("operation")
        if asked not in ALL_OPERATIONS:
            raise BadCommand(refusal("operation", asked, f"it is one of {', '.join(ALL_OPERATIONS)}"))
        saga = SagaKey(self.context.saga, checked_id(operation.get("id")))
        if asked == "retry":
            return StepRetry(self).perform(saga)
        match asked:
            case "cancel":
                refused = self._cancel(saga, ahead=operation.get("ahead") is not False)
            case "resume":
                refused = self._resume(saga)
            case "skip":
                refused = self._skip(saga, _text(operation, "step"), _text(operation, "reason"))
            case "complete":
                refused = self._answers.complete(saga, _text(operation, "step"), _result(operation))
            case _:
                refused = self._answers.reject(saga, _text(operation, "step"), _text(operation, "reason"))
        state = self.context.sagas.state(saga)
        early = refused is not None and operation["operation"] in ANSWERS and state.may_ask(_text(operation, "step"))
        status = NOT_STARTED if _was_unknown(state) else state.status
        return {"status": status, "refused": refused, **({"early": True} if early else {})}

    @property
    def _answers(self) -> Answers:
        return Answers(self.context, self.engine)

    def _cancel(self, saga: SagaKey, *, ahead: bool) -> str | None:
        if not ahead and not self.context.sagas.state(saga).meta:
            return f"the ledger has no saga {saga.id!r}: check the id, or cancel it ahead, so that it never begins"
        state = self.context.sagas.abort(saga, tuple(self.context.steps), on_behalf_of=CANCEL)
        if state.meta["st"] in {"COMMITTED", "COMPLETED"}:
            return f"too late: saga {saga.id!r} is past its pivot"
        # Also when an earlier operation aborted it: that invocation may have crashed before publishing.
        if state.aborted_by(CANCEL) and "input" in state.meta:
            self._start_compensation(saga, state)
        return None

    def _start_compensation(self, saga: SagaKey, state: SagaState) -> None:
        self.engine.release(state)
        if not isinstance(self.engine, EventEngine):
            return  # a running execution meets the fence by itself
        document = state.saga(saga.name, saga.id)
        if self.last_compensable_step and state.status == "COMPENSATING":
            self.engine.compensate(document, self.last_compensable_step)
        elif not self.last_compensable_step:
            self.context.compensated(self.context.command(document), "cancelled, with nothing to undo")

    def _resume(self, saga: SagaKey) -> str | None:
        state = self.context.sagas.state(saga)
        if state.ended and state.stuck_at:
            return self.publish_again(saga, state)
        if state.unstuck:
            return None  # by the same operation, which its caller repeats
        if state.status != "STUCK":
            return f"saga {saga.id!r} is not stuck, it is {state.status or 'unknown'}"
        state = self._believed(saga, state)
        self.context.sagas.clear_failed_compensations(saga, state.failed_compensations(tuple(self.context.steps)))
        self.context.sagas.attempt_anew(saga, state)
        go = self.engine.resume if state.meta["st"] == "COMMITTED" else self.engine.compensate
        go(state.saga(saga.name, saga.id), state.stuck_at)
        # Last, so that an operation whose caller crashed can be repeated; going on twice is harmless. It may be stuck
        # again.
        self.context.sagas.clear_stuck(saga, state)
        return None

    def _believed(self, saga: SagaKey, state: SagaState) -> SagaState:
        """Take what a command knew for true, now that an operator says so, where the ledger has lost it."""
        if CLAIMS not in state.meta:
            return state
        lost = Lost(self.context.sagas.store)
        restored = lost.restored(state)
        stuck = self.context.to_compensate(restored) or state.stuck
        lost.believe(saga, state, restored, stuck)
        return replace(restored, meta={**restored.meta, "stuck": ",".join(stuck)})

    def publish_again(self, saga: SagaKey, state: SagaState) -> None:
        """Publish how it has ended, e.g. by itself after an alarm."""
        command = self.context.command(state.saga(saga.name, saga.id))
        publish_ending(self.context.services, command, state.published_ending, command.saga)

    def _skip(self, saga: SagaKey, step: str, reason: str) -> str | None:
        state = self.context.sagas.state(saga)
        if state.meta.get("st") != "STUCK" or step not in state.stuck:
            if _skipped_for(state, step) == reason:
                return None  # the same operation again: it was carried out, and its response was lost
            return f"saga {saga.id!r} is {state.status or 'unknown'}, not stuck at the compensation of {step!r}"
        self._believed(saga, state)
        if not self.context.sagas.skip(saga, step, reason) and not _skipped_for(self.context.sagas.state(saga), step):
            return f"{step!r} of {saga.id!r} has nothing left to skip"
        return self._resume(saga)


def _was_unknown(state: SagaState) -> bool:
    """Whether the ledger knows nothing of a saga but that it may not begin."""
    return state.never_began and "input" not in state.meta


def _skipped_for(state: SagaState, step: str) -> str:
    """The reason for which a step was skipped; empty when it was not."""
    return str(state.steps.get(step, {}).get("skipped", ""))


def _result(operation: Json) -> Json:
    value = operation.get("result")
    if isinstance(value, dict):
        return cast(Json, value)
    raise BadCommand(refusal("result", value, "this operation needs a JSON object"))


def _text(operation: Json, field: str) -> str:
    value = operation.get(field)
    if isinstance(value, str) and value and value == short(value):
        return value
    raise BadCommand(refusal(field, value, f"this operation needs it as text of 1 to {MAX_REASON_LENGTH:,} characters"))
