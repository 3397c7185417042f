"""What a saga's items mean to people: why it went back, where it stands, what is next and what can be done."""

from typing import TYPE_CHECKING, Final

from saga_runtime.client import words
from saga_runtime.ledger import State
from saga_runtime.ledger.items import CANCEL, Item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saga_runtime.client.status import StepStatus

GOING_BACK: Final = ("COMPENSATING", "STUCK", "COMPENSATED")
BUSY: Final = frozenset((words.AT_WORK, words.WAITING, words.UNDOING))
"""Outcomes of a step that somebody is working on, here or outside."""


def orders(state: State) -> tuple[str, ...]:
    """The orders that the saga's state allows."""
    if state.ended:
        return ("replay",)
    committed, waits = state.meta["st"] == "COMMITTED", any(_waits(step) for step in state.steps.values())
    answers = ("complete",) if committed and waits else ()
    if state.stuck_at:
        return (*answers, "resume") if committed else ("resume", "forgive")
    if state.meta["st"] == "RUNNING":
        return ("complete", "reject", "cancel") if waits else ("cancel", "replay")
    return answers or ("replay",)


def _waits(step: Item) -> bool:
    """Whether somebody outside was asked, who may still answer."""
    return step.get("st") == "PENDING" and "fence" not in step


def where(state: State, steps: "Sequence[StepStatus]") -> "list[StepStatus]":
    """Where the saga stands: who is at work, else what is next."""
    if state.ended:
        return []
    if state.stuck_at:
        return [step for step in steps if step.step in state.stuck]
    if busy := [step for step in steps if step.outcome in BUSY]:
        return busy
    if state.meta["st"] in GOING_BACK:
        left = [s for s in reversed(steps) if s.undoable and s.outcome not in {*words.UNDONE, words.NOT_BEGUN}]
    else:
        left = [step for step in steps if step.outcome != words.DONE]
    return left[:1]


def what_next(state: State, at: "Sequence[StepStatus]") -> str:
    """Who is at work, or what is next."""
    if state.ended:
        return ""
    names = ", ".join(step.step for step in at)
    if state.stuck_at:
        cure = f"resume, or forgive {names}" if "forgive" in orders(state) else "resume"
        return f"somebody has to look at {names}, then: {cure}"
    back = state.meta["st"] in GOING_BACK
    if any(step.outcome in BUSY for step in at):
        return f"{names}: {at[0].outcome}"
    if not at:
        return "its ending"
    return f"undoing {names}" if back else names


def why(state: State) -> str:
    """What turned the saga back, or what it is stuck for."""
    meta = state.meta
    if state.stuck_at:
        return f"stuck at {', '.join(state.stuck)}: {meta.get('err', '')}"
    for name, step in state.steps.items():
        if _rejected(step):
            return f"{name} was rejected: {step.get('err', '')}"
    turned = str(meta.get("turned", ""))
    if turned == CANCEL:
        return "it was cancelled"
    return str(meta.get("why", "")) or (f"{turned}: its attempts are used up" if turned else "")


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
