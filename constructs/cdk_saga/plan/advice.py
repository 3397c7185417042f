"""What a definition's author may want to think about once more. Advice, not errors: each can be acknowledged."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cdk_saga.definition import NOTHING_TO_UNDO, Saga, Step

HARD_TO_FOLLOW: Final = 6
"""Steps from which on a choreography is harder to follow than a state machine."""


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One piece of advice.

    Args:
        id: to acknowledge it by, e.g. ``cdk-saga:OneParticipant``.
        text: what was found, and why it matters.
    """

    id: str
    text: str


def advise(saga: Saga, *, choreographed: bool = False) -> list[Advice]:
    """Everything worth a second thought in ``saga``.

    Args:
        saga: the definition.
        choreographed: whether it is rendered in that style.
    """
    always = (*_participants(saga), *_after_the_pivot(saga), *_hasty(saga), *_waiting(saga))
    return [*always, *(_long(saga) if choreographed else ())]


def _participants(saga: Saga) -> Iterator[Advice]:
    if len(saga.all_steps) > 1 and len(saga.participants) == 1:
        owner = saga.participants[0]
        yield _advice(
            "OneParticipant", f"every step of saga {saga.name!r} belongs to {owner!r}: use a transaction, not a saga"
        )


def _after_the_pivot(saga: Saga) -> Iterator[Advice]:
    pivot = next((i for i, step in enumerate(saga.all_steps) if step.pivot), len(saga.all_steps))
    for step in saga.all_steps[pivot + 1 :]:
        if step.compensation is not NOTHING_TO_UNDO:
            text = "is never compensated, as it comes after the pivot; say NOTHING_TO_UNDO, or move it before"
            yield _advice("CompensationAfterPivot", f"{_where(saga, step)} {text}")


def _hasty(saga: Saga) -> Iterator[Advice]:
    for step in saga.all_steps:
        if step.compensation is not NOTHING_TO_UNDO and not step.compensation_retry.is_as_patient_as(step.retry):
            text = "gives up its compensation sooner than its action, and leaves its effect behind; be more patient"
            yield _advice("HastyCompensation", f"{_where(saga, step)} {text}")


def _waiting(saga: Saga) -> Iterator[Advice]:
    for step in saga.all_steps:
        if saga.deadline is not None and step.callback_timeout is not None and step.callback_timeout > saga.deadline:
            text = (
                f"may wait {step.callback_timeout:,} seconds, longer than the saga's deadline of "
                f"{saga.deadline:,}, which "
                "ends no wait: what earlier steps hold stays held; let it wait less, or the saga take longer"
            )
            yield _advice("WaitBeyondDeadline", f"{_where(saga, step)} {text}")


def _long(saga: Saga) -> Iterator[Advice]:
    if len(saga.all_steps) >= HARD_TO_FOLLOW:
        text = (
            f"saga {saga.name!r} has {len(saga.all_steps)} steps: "
            "as events they are harder to follow than a state machine"
        )
        yield _advice("LongChoreography", text)


def _where(saga: Saga, step: Step) -> str:
    return f"saga {saga.name!r}: step {step.name!r}"


def _advice(name: str, text: str) -> Advice:
    return Advice(id=f"cdk-saga:{name}", text=text)
