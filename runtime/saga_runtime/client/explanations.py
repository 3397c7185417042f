"""What a saga's items mean to people: why it went back, where it stands, what is next and what can be done."""

from typing import TYPE_CHECKING, Final

from saga_runtime.client import words
from saga_runtime.client.times import moment
from saga_runtime.ledger import SagaState
from saga_runtime.ledger.items import CANCEL, WATCH, Item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saga_runtime.client.status import StepStatus

BUSY: Final = frozenset((words.AT_WORK, words.WAITING, words.UNDOING))
"""Outcomes of a step in progress, here or outside."""
NOT_ATTEMPTS: Final = ("Busy", "Leased", "Lambda.TooManyRequestsException", "Lambda.ServiceException")
"""Errors of deliveries that reached no handler."""
ABORTED: Final = {CANCEL: "it was cancelled", WATCH: "it had stopped making progress"}
"""Who aborts a saga without any step."""


def operations(state: SagaState, now: float) -> tuple[str, ...]:
    """The operations that the saga's state allows."""
    if state.ended:
        return ("retry",)
    committed, answers = state.meta["st"] == "COMMITTED", _answers(state, now)
    if state.stuck_at:
        return (*answers, "resume") if committed else ("resume", "skip")
    # A step that waits for a callback is not retried.
    retry = () if any(state.seconds_left(step, now) for step in state.steps) else ("retry",)
    return (*answers, "cancel", *retry) if state.meta["st"] == "RUNNING" else (*answers, *retry)


def _answers(state: SagaState, now: float) -> tuple[str, ...]:
    """Those to a step that waits: past the pivot it can be completed for ever, and never be rejected."""
    waits = [step for step, item in state.steps.items() if item.get("st") == "PENDING" and "fence" not in item]
    if state.meta["st"] == "COMMITTED":
        return ("complete",) if waits else ()
    return ("complete", "reject") if any(state.seconds_left(step, now) for step in waits) else ()


def where(state: SagaState, steps: "Sequence[StepStatus]") -> "list[StepStatus]":
    """Where the saga stands: who is at work, else what is next."""
    if state.ended:
        return []
    if state.stuck_at:
        return [step for step in steps if step.step in state.stuck]
    if busy := [step for step in steps if step.outcome in BUSY]:
        return busy
    if state.meta["st"] == "COMPENSATING":
        left = [s for s in reversed(steps) if s.undoable and s.outcome not in {*words.UNDONE, words.NOT_BEGUN}]
    else:
        left = [step for step in steps if step.outcome != words.DONE]
    return left[:1]


def what_next(state: SagaState, at: "Sequence[StepStatus]", allowed: "Sequence[str]") -> str:
    """Who is at work and until when, or what is next."""
    if state.ended:
        return ""
    names = ", ".join(step.step for step in at)
    if state.stuck_at:
        cures = {"resume": "resume", "skip": f"skip {names}", "complete": f"complete {names}"}
        return f"an operator has to look at {names}, then: {', or '.join(cures[operation] for operation in allowed)}"
    if busy := [f"{step.step}: {step.outcome} until {moment(step.until)}" for step in at if step.until is not None]:
        return ", ".join(busy)
    if not at:
        return "its ending"
    return f"undoing {names}" if state.meta["st"] == "COMPENSATING" else names


def why(state: SagaState) -> str:
    """What aborted the saga, or what it is stuck for."""
    meta = state.meta
    if state.status == "STUCK":
        return f"stuck at {', '.join(state.stuck)}: {meta.get('err', '')}"
    for name, step in state.steps.items():
        if _rejected(step):
            return f"{name} was rejected: {step.get('err', '')}"
    aborted = str(meta.get("aborted_by", ""))
    if aborted in ABORTED:
        return ABORTED[aborted]
    return _last_word(state) or str(meta.get("why", ""))


def _last_word(state: SagaState) -> str:
    """The error of the last attempt of the step that aborted the saga, if the saga itself knows of none."""
    why, step = str(state.meta.get("why", "")), failed_at(state)
    error = state.last_error(step, "action")
    if error and (not why or any(f": {name}: " in why for name in NOT_ATTEMPTS)):
        return f"{step}: unknown: {': '.join(error)}"
    return ""


def failed_at(state: SagaState) -> str:
    """The step that aborted it."""
    for name, step in state.steps.items():
        if _rejected(step):
            return name
    aborted = str(state.meta.get("aborted_by", ""))
    return str(state.meta.get("why", "")).partition(":")[0] or (aborted if aborted in state.steps else "")


def _rejected(step: Item) -> bool:
    """Whether it was rejected, by its handler or by a callback."""
    return step.get("st") == "FAILED" or ("due" in step and "err" in step)
