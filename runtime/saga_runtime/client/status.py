"""How one saga is: the same shape in both styles, because the same ledger decides both."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from saga_runtime.client import explanations, words
from saga_runtime.client.target import Target
from saga_runtime.client.times import iso
from saga_runtime.envelope import checked_id
from saga_runtime.ledger import SagaKey, Sagas, SagaState, Store
from saga_runtime.ledger.attempts import attempts
from saga_runtime.ledger.items import Item
from saga_runtime.services import Services

Json = dict[str, Any]


class SagaUnknown(Exception):
    """The ledger has no such saga."""


@dataclass(frozen=True, kw_only=True)
class StepStatus:
    """What became of one step. Times are seconds since the epoch, ``None`` where the ledger has none.

    Attributes:
        step: its name.
        outcome: what became of it, in words.
        undoable: whether compensation has anything to do here; ``None`` when only another version's plan is known.
        attempts: how often its action was tried, as far as recorded; 0 for unknown or never.
        undo_attempts: likewise of its compensation.
        result: what its action returned.
        error: why it was rejected, the reason for which it was skipped, or the last error of its handler.
        began: when its action was claimed; only of effects outside of DynamoDB, the others begin and end at once.
        ended: when its action was recorded.
        due: until when a callback may come, of a step that waits or has waited.
        until: until when it is in progress, being undone, or waiting; when that is over and nothing has come of
            it, another attempt follows. ``None`` when it is not, or that is not recorded: effects in DynamoDB need no
            claim.
        undo_began: likewise of its compensation.
        undo_ended: likewise of its compensation.
        stuck: when the saga got stuck at it, before it was last resumed.
        resumed: when that was.
    """

    step: str
    outcome: str
    undoable: bool | None
    attempts: int
    undo_attempts: int
    result: Json | None
    error: str
    began: float | None
    ended: float | None
    due: float | None
    until: float | None
    undo_began: float | None
    undo_ended: float | None
    stuck: float | None = None
    resumed: float | None = None


@dataclass(frozen=True, kw_only=True)
class Status:
    """How a saga is. Times are seconds since the epoch.

    Attributes:
        saga: the definition's name.
        id: its own.
        version: of the definition it started with.
        style: ``orchestrated`` or ``choreographed``.
        state: as the ledger says it, e.g. ``COMPENSATING``; ``STUCK`` also on forward execution.
        words: the same for people; of one that waits for a callback, that it does.
        started: when.
        ended: when; ``None`` while it has not.
        deadline: from which on no action begins; ``None`` for none.
        why: what aborted it or what it is stuck for; empty when all is well.
        failed_at: the step that aborted it; empty when none did.
        stuck_since: when it got stuck; ``None`` when it is not.
        at: the steps it stands at.
        next: who is at work or what is next, in words; empty when it has ended.
        operations: those that its state allows, as far as the ledger tells.
        input: what it was started with; ``None`` if it was cancelled before it began.
        steps: in order.
    """

    saga: str
    id: str
    version: str
    style: str
    state: str
    words: str
    started: float
    ended: float | None
    deadline: float | None
    why: str
    failed_at: str
    stuck_since: float | None
    at: tuple[str, ...]
    next: str
    operations: tuple[str, ...]
    input: Json | None
    steps: tuple[StepStatus, ...]

    def json(self) -> Json:
        """The same as JSON, times as ISO 8601."""
        said = asdict(self)
        return {**iso(said), "steps": [iso(step) for step in said["steps"]]}


def status(target: Target, saga_id: str, *, services: Services | None = None) -> Status:
    """Ask the ledger how a saga is, in one consistent query.

    Args:
        target: which saga, and where.
        saga_id: the id it was started with.
        services: AWS; from the environment by default.

    Raises:
        BadCommand: an id that no saga can have.
        SagaUnknown: the ledger does not know it.
    """
    services = services or Services()
    services.ledger_table = target.ledger
    state = Sagas(Store(services)).state(SagaKey(target.name, checked_id(saga_id)))
    if not state.meta:
        raise SagaUnknown(
            f"the ledger has no saga {saga_id!r} of {target.name!r}: it has not begun, or ended more than 30 days ago"
        )
    return _status(target, saga_id, state, services.now())


def _status(target: Target, saga_id: str, state: SagaState, now: float) -> Status:
    meta = state.meta
    version = str(meta.get("v", target.version))
    names = _in_order(target, version, state)
    known = (_step(name, state.steps.get(name, {}), target.steps.get(name), now) for name in names)
    steps = tuple(_tried(step, state) for step in known)
    at, operations = explanations.where(state, steps), explanations.operations(state, now)
    return Status(
        saga=target.name,
        id=saga_id,
        version=version,
        style=target.style,
        state=state.status,
        words=_words(state, now),
        started=float(meta["at"]),
        ended=_time(meta, "end", 1),
        deadline=_time(meta, "dl", 1),
        why=explanations.why(state),
        failed_at=explanations.failed_at(state),
        stuck_since=_time(meta, "since") if state.status == "STUCK" else None,
        at=tuple(step.step for step in at),
        next=explanations.what_next(state, at, operations),
        operations=operations,
        input=json.loads(str(meta["input"])) if "input" in meta else None,
        steps=steps,
    )


def _words(state: SagaState, now: float) -> str:
    if any(words.awaits_callback(step, state.status, now) for step in state.steps.values()):
        return words.WAITING
    return words.STATES.get(state.status, state.status.lower())


def _in_order(target: Target, version: str, state: SagaState) -> Sequence[str]:
    """The steps; of another version's saga only those that the ledger has seen can be known."""
    planned = [step for step in target.steps if version == target.version or step in state.steps]
    others = [step for step in state.steps if step not in target.steps]
    return [*planned, *sorted(others, key=lambda step: int(state.steps[step].get("t1", 0)))]


def _step(name: str, item: Item, undoable: bool | None, now: float) -> StepStatus:  # noqa: FBT001 # private
    outcome = words.outcome(item, now)
    return StepStatus(
        step=name,
        outcome=outcome,
        undoable=undoable,
        attempts=attempts(item, ""),
        undo_attempts=attempts(item, "u"),
        result=json.loads(str(item["res"])) if "res" in item else None,
        error=words.error(item),
        began=_time(item, "t0"),
        ended=_time(item, "t1"),
        due=_time(item, "due"),
        until=_time(item, words.UNTIL.get(outcome, "")),
        undo_began=_time(item, "u0"),
        undo_ended=_time(item, "u1"),
        stuck=_time(item, "since"),
        resumed=_time(item, "again"),
    )


def _tried(step: StepStatus, state: SagaState) -> StepStatus:
    """The same step, if no attempt left a trace in its item and the saga knows that there were some: all timed out."""
    if step.outcome != words.NOT_BEGUN:
        return step
    if state.status == "STUCK" and step.step in state.stuck:
        return replace(step, outcome=words.FAILING, error=step.error or str(state.meta.get("err", "")))
    if step.step == explanations.failed_at(state):
        return replace(step, outcome=words.STOPPED, error=step.error or explanations.why(state))
    return step


def _time(item: Item, name: str, unit: int = 1000) -> float | None:
    return int(item[name]) / unit if name in item else None
