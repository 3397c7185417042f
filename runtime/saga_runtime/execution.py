"""Carrying out one command: the same in both styles, one way for each mode."""

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from saga_runtime import ledger, telemetry
from saga_runtime.command import Command
from saga_runtime.errors import (
    AlreadyPublished,
    BadCommand,
    BadResult,
    Busy,
    CallbackPending,
    Contradiction,
    HandlerFailed,
    InputMismatch,
    Leased,
    Rejected,
    RejectedPastPivot,
    SagaError,
    SagaFenced,
)
from saga_runtime.handlers import ExternalHandler, Handlers, LambdaContext, LocalHandler, Result
from saga_runtime.outcome import Outcome
from saga_runtime.payload_budget import MIN_RESULT_BUDGET, check_payload_budget
from saga_runtime.pending import Pending
from saga_runtime.plain import result_json
from saga_runtime.refusals import refusal
from saga_runtime.values import Refuse, checked, short
from saga_runtime.writes import Writes

Json = dict[str, Any]
MAX_AHEAD: Final = 300
"""Seconds. AWS accepts a signature of a clock that is five minutes off, but SDKs also correct for one that is wrong by
hours (AWS General Reference, "Signature Version 4"; AWS SDKs and Tools, "Clock skew")."""
_GOOD: Final = {"action": "succeeded", "compensation": "compensated"}
_WORDS: Final[dict[type[Exception], str]] = {
    SagaFenced: "fenced",
    Busy: "busy",
    Leased: "busy",
    InputMismatch: "refused",
    BadCommand: "refused",
}


def carry_out(participant: Handlers, command: Command, context: LambdaContext) -> Outcome:
    """Do what ``command`` asks, once, however often it is delivered, and log how it went.

    Raises:
        SagaFenced, InputMismatch, BadCommand: it must not happen.
        Busy: not now.
        Exception: whatever else the handler raised; the outcome is unknown.
    """
    store = ledger.Store(participant.services, command.message)
    try:
        if command.compensate_from and command.operation == "action":
            report = _passed(command)
        else:
            report = Outcome(_GOOD[command.operation], _do(participant, command, context, store))
    except Rejected as rejection:
        saga = command.failed("rejected", "Rejected", str(rejection), recorded=True)
        report = Outcome("rejected", saga, rejection)
    except CallbackPending as waiting:
        if not waiting.fresh and not ledger.Callbacks(ledger.Store(participant.services)).listen(command):
            return carry_out(participant, command, context)  # the ledger knows more by now
        report = Outcome("pending", command.saga, seconds=waiting.seconds)
    except AlreadyPublished:
        report = Outcome("passed", command.saga)
    except Contradiction as error:
        ledger.Lost(store).record(command, error)
        telemetry.outcome(command, "refused", error)
        raise
    except Exception as error:
        telemetry.outcome(command, _WORDS.get(type(error), "unknown"), error)
        raise
    telemetry.outcome(command, report.outcome, report.rejection)
    return replace(report, again=command.delivery > 1 or store.written.again, written=store.written)


def is_an_attempt(error: Exception) -> bool:
    """Whether ``error`` means that the handler was executed and failed; most of the runtime's own say otherwise."""
    return not isinstance(error, SagaError) or isinstance(error, HandlerFailed | BadResult | RejectedPastPivot)


def _passed(command: Command) -> Outcome:
    """Nothing is done on the way to the step where compensation begins again; the fence there leads to it."""
    if command.step == command.compensate_from:
        raise SagaFenced(f"saga {command.saga_id!r} goes back from {command.step!r} again")
    return Outcome("passed", command.saga)


def _do(participant: Handlers, command: Command, context: LambdaContext, store: ledger.Store) -> Json:
    handler = participant.find(command)
    _check_start(command, participant.services.now())
    seconds = context.get_remaining_time_in_millis() / 1000
    own, outside = ledger.LocalLedger(store), ledger.ExternalLedger(store)
    try:
        match handler, command.operation:
            case LocalHandler(), "action":
                return command.succeeded(_act(handler, own, command))
            case LocalHandler(), _:
                _undo(handler, own, command)
            case ExternalHandler(), "action":
                return command.succeeded(_act_external(handler, outside, command, seconds))
            case ExternalHandler(), _:
                _undo_external(handler, outside, command, seconds)
    except Exception as error:
        if is_an_attempt(error):
            (own if isinstance(handler, LocalHandler) else outside).raised(command, error)
        raise
    return {**command.saga, "failure": {**(command.failure or {}), "recorded": True}}


def _act(handler: LocalHandler, book: ledger.LocalLedger, command: Command) -> Json:
    writes = Writes()
    try:
        _check_deadline(command, book.store.services.now())
        answer = handler.act(command, writes)
        result = _checked(answer, command, Rejected)  # nothing has happened yet
    except Rejected as rejection:
        return _reject(book, command, rejection)
    try:
        if isinstance(answer, Pending):
            asked = ledger.asked(command, result, book.store.services.now())
            return book.ask(command, asked, writes.entries)
        return book.commit(command, result, writes.entries)
    except ledger.ConditionFailed as failed:
        text = writes.rejections[failed.index]
        if text is None:
            raise
        return _reject(book, command, Rejected(text))


def _undo(handler: LocalHandler, book: ledger.LocalLedger, command: Command) -> None:
    book.start_compensation(command)
    known = command.result
    if known is None:
        known = book.void(command)
    while known is not None:
        writes = Writes()
        handler.undo(command.with_result(known), writes)
        known = None if _undone(book, command, known, writes) else book.void(command)


def _undone(book: ledger.LocalLedger, command: Command, known: Json, writes: Writes) -> bool:
    while True:
        try:
            return book.undo(command, known, writes.entries)
        except ledger.ConditionFailed as failed:
            if not writes.try_another(failed.index):
                raise


def _act_external(handler: ExternalHandler, book: ledger.ExternalLedger, command: Command, seconds: float) -> Json:
    stored = _refused_early(book, command) or book.claim(command, seconds)
    if stored is not None:
        return stored
    try:
        answer = handler.act(command)
        result = _checked(answer, command, BadResult)  # the effect is there
    except Rejected as rejection:
        return _reject(book, command, rejection)
    if isinstance(answer, Pending):
        book.ask(command, ledger.asked(command, result, book.store.services.now()))
    return book.complete(command, result)


def _undo_external(handler: ExternalHandler, book: ledger.ExternalLedger, command: Command, seconds: float) -> None:
    effect = book.claim_undo(command, seconds)
    if effect is None:
        return
    handler.undo(command.with_result(effect.result) if effect.result is not None else command.without_result())
    book.undone(command)


def _refused_early(book: ledger.ExternalLedger, command: Command) -> Json | None:
    """Reject an action that comes too late, or whose result may find no room, before its effect.

    One that was begun may have happened and goes on, and past the pivot everything does.

    Returns:
        The result stored by an earlier delivery, or ``None`` to go on.
    """
    try:
        _check_deadline(command, book.store.services.now())
        if not command.after_pivot:
            check_payload_budget(command, MIN_RESULT_BUDGET, f"the result of {command.handler}", Rejected)
    except Rejected as refusal:
        with contextlib.suppress(Leased):
            return ledger.LocalLedger(book.store).reject(command, refusal)
    return None


def _check_start(command: Command, now: float) -> None:
    """Refuse a saga from the future: what its starter's clock says would decide when it is late, and over."""
    ahead = command.started - now
    if command.first and command.operation == "action" and ahead > MAX_AHEAD:
        raise BadCommand(
            f"saga.started is {command.started}, {ahead:,.0f} s ahead of the ledger's time (at most {MAX_AHEAD}): "
            "set the starter's clock, and start the saga anew"
        )


def _check_deadline(command: Command, now: float) -> None:
    """No action begins after the saga's deadline; after the pivot there is no compensation, so there it may."""
    if command.deadline is not None and now >= command.deadline and not command.after_pivot:
        raise Rejected(f"deadline: {command.step!r} came {now - command.deadline:.0f} s after the saga's deadline")


def _reject(book: ledger.LocalLedger | ledger.ExternalLedger, command: Command, rejection: Rejected) -> Json:
    """Record a rejection; after the pivot nothing is compensated, so there it is an error for an operator."""
    if command.after_pivot:
        raise RejectedPastPivot(f"{command.step!r} says no after the pivot: {rejection}") from rejection
    return book.reject(command, Rejected(short(str(rejection))))


def _checked(result: Result, command: Command, refuse: Refuse) -> Json:
    """The result as JSON that the next command may carry; checked before anything is committed.

    Raises:
        BadResult: it is none.
        Exception: made by ``refuse``: there is no room for it.
    """
    if isinstance(result, Pending):
        if command.callback_timeout is None:
            raise BadResult(
                f"{command.handler} returned Pending, but step {command.step!r} never waits: say callback_timeout=…"
            )
        result = result.details
    if result is not None and not isinstance(result, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise BadResult(refusal(command.handler, result, "return a dict or None", seen="returned"))
    answer = result_json(result or {}, f"{command.handler}'s result", BadResult)
    answers, size = checked({command.step: answer}, "saga.results", BadResult, depth=1, largest=None)
    check_payload_budget(command, size, f"the result of {command.handler}", refuse)
    return answers[command.step]
