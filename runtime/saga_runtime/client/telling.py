"""What a saga's items mean to people: why it went back, where it stands, what is next and what can be done."""

from typing import TYPE_CHECKING, Final

from saga_runtime.client import words
from saga_runtime.client.times import moment
from saga_runtime.ledger import State
from saga_runtime.ledger.items import CANCEL, WATCH, Item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saga_runtime.client.status import StepStatus

BUSY: Final = frozenset((words.AT_WORK, words.WAITING, words.UNDOING))
"""Outcomes of a step that somebody is working on, here or outside."""
NOT_ATTEMPTS: Final = ("Busy", "Leased", "Lambda.TooManyRequestsException", "Lambda.ServiceException")
"""Errors of deliveries that reached no handler."""
TURNED: Final = {CANCEL: "it was cancelled", WATCH: "nobody was at work on it any more"}
"""Who turns a saga back without any step."""


def orders(state: State, now: float) -> tuple[str, ...]:
    """The orders that the saga's state allows."""
    if state.ended:
        return ("replay",)
    committed, answers = state.meta["st"] == "COMMITTED", _answers(state, now)
    if state.stuck_at:
        return (*answers, "resume") if committed else ("resume", "forgive")
    # What waits for somebody is not asked again.
    replay = () if any(state.seconds_left(step, now) for step in state.steps) else ("replay",)
    return (*answers, "cancel", *replay) if state.meta["st"] == "RUNNING" else (*answers, *replay)


def _answers(state: State, now: float) -> tuple[str, ...]:
    """Those to a step that waits: past the pivot it can be completed for ever, and never be rejected."""
    waits = [step for step, item in state.steps.items() if item.get("st") == "PENDING" and "fence" not in item]
    if state.meta["st"] == "COMMITTED":
        return ("complete",) if waits else ()
    return ("complete", "reject") if any(state.seconds_left(step, now) for step in waits) else ()


def where(state: State, steps: "Sequence[StepStatus]") -> "list[StepStatus]":
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


def what_next(state: State, at: "Sequence[StepStatus]", allowed: "Sequence[str]") -> str:
    """Who is at work and until when, or what is next."""
    if state.ended:
        return ""
    names = ", ".join(step.step for step in at)
    if state.stuck_at:
        cures = {"resume": "resume", "forgive": f"forgive {names}", "complete": f"complete {names}"}
        return f"somebody has to look at {names}, then: {', or '.join(cures[order] for order in allowed)}"
    if busy := [f"{step.step}: {step.outcome} until {moment(step.until)}" for step in at if step.until is not None]:
        return ", ".join(busy)
    if not at:
        return "its ending"
    return f"undoing {names}" if state.meta["st"] == "COMPENSATING" else names


def why(state: State) -> str:
    """What turned the saga back, or what it is stuck for."""
    meta = state.meta
    if state.status == "STUCK":
        return f"stuck at {', '.join(state.stuck)}: {meta.get('err', '')}"
    for name, step in state.steps.items():
        if _rejected(step):
            return f"{name} was rejected: {step.get('err', '')}"
    turned = str(meta.get("turned", ""))
    if turned in TURNED:
        return TURNED[turned]
    return _last_word(state) or str(meta.get("why", ""))


def _last_word(state: State) -> str:
    """The error of the last attempt of the step that turned the saga back, if the saga itself knows of none."""
    why, step = str(state.meta.get("why", "")), failed_at(state)
    error = state.last_error(step, "action")
    if error and (not why or any(f": {name}: " in why for name in NOT_ATTEMPTS)):
        return f"{step}: unknown: {': '.join(error)}"
    return ""


def failed_at(state: State) -> str:
    """The step that turned it back."""
    for name, step in state.steps.items():
        if _rejected(step):
            return name
    turned = str(state.meta.get("turned", ""))
    return str(state.meta.get("why", "")).partition(":")[0] or (turned if turned in state.steps else "")


def _rejected(step: Item) -> bool:
    """Whether it, or whoever it asked outside, said no."""
    return step.get("st") == "FAILED" or ("due" in step and "err" in step)
