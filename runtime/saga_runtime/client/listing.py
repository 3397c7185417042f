"""Which sagas there are, newest first, through the ledger's index: a view, so a moment behind."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from saga_runtime.client import words
from saga_runtime.client.status import SagaUnknown, status
from saga_runtime.client.target import Target
from saga_runtime.client.times import iso
from saga_runtime.errors import BadCommand
from saga_runtime.ledger import Store, views
from saga_runtime.ledger.views import Listed as Seen
from saga_runtime.ledger.views import shards
from saga_runtime.services import Services

UNFINISHED: Final = "UNFINISHED"
"""Stands for every state that is no ending."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A saga, as far as the index has it; attributes as in :class:`Status`, ``stuck_at`` the steps it is stuck at."""

    saga: str
    id: str
    version: str
    state: str
    words: str
    started: float
    ended: float | None
    deadline: float | None
    stuck_at: str
    error: str

    def json(self) -> dict[str, Any]:
        """The same as JSON, times as ISO 8601."""
        return iso(vars(self))


def listed(
    target: Target,
    *,
    state: str | None = None,
    older_than: int = 0,
    step: str | None = None,
    version: str | None = None,
    services: Services | None = None,
) -> Iterator[Listed]:
    """Sagas of a definition, newest first, read page by page as they are taken.

    Args:
        target: which definition, and where.
        state: only those in this state, e.g. ``STUCK``; ``UNFINISHED`` for all that have not ended, stuck ones too.
        older_than: only those started at least so many seconds ago.
        step: only those that stand at this step or were turned back by it; but for stuck ones, each has to be asked.
        version: only those that started with this version of the definition, or with one that begins like it.
        services: AWS; from the environment by default.

    Raises:
        BadCommand: a state or step that there is none of.
    """
    if state is not None and state not in (*words.STATES, UNFINISHED):
        raise BadCommand(f"state is {state!r:.100}: it is one of {', '.join(words.STATES)}, or {UNFINISHED}")
    if step is not None and target.steps and step not in target.steps:
        raise BadCommand(f"step is {step!r:.100}: {target.name!r} has {', '.join(target.steps)}")
    services = services or Services()
    states = {None: list(words.STATES), UNFINISHED: [*views.UNFINISHED, "STUCK"]}.get(state) or [str(state)]
    found = _found(target, services, states, older_than, step)
    return (one for one in found if one.version.startswith(version or ""))


def _found(
    target: Target, services: Services, states: Sequence[str], older_than: int, step: str | None
) -> Iterator[Listed]:
    services.ledger_table = target.ledger
    store, latest = Store(services), int(services.now()) - older_than
    readers = [
        _reader(target, state, shard)
        for state in states
        for shard in shards(store, target.name, state, started_by=latest, newest_first=True)
    ]
    for found in heapq.merge(*readers, key=lambda one: -one.started):
        if step is None or _stands_at(target, found, step, services):
            yield found


def _reader(target: Target, state: str, shard: Iterator[Seen]) -> Iterator[Listed]:
    return (_listed(target, state, found) for found in shard)


def _listed(target: Target, state: str, found: Seen) -> Listed:
    meta = found.item
    end, deadline = meta.get("end"), meta.get("dl")
    return Listed(
        saga=target.name,
        id=found.id,
        version=str(meta.get("v", "")),
        state=state,
        words=words.STATES[state],
        started=float(meta["at"]),
        ended=None if end is None else float(end),
        deadline=None if deadline is None else float(deadline),
        stuck_at=str(meta.get("stuck", "")) if state == "STUCK" else "",
        error=str(meta.get("err", "")) if state == "STUCK" else "",
    )


def _stands_at(target: Target, found: Listed, step: str, services: Services) -> bool:
    if found.state == "STUCK":
        return step in found.stuck_at.split(",")
    if found.state == "COMPLETED":
        return False
    try:
        seen = status(target, found.id, services=services)
    except SagaUnknown:
        return False
    return step in {*seen.at, seen.failed_at}
