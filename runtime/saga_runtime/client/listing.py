"""Which sagas there are, newest first, through the ledger's index: a view, so a moment behind."""

import heapq
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain, groupby, islice
from typing import Any, Final

from saga_runtime.client import words
from saga_runtime.client.status import SagaUnknown, status
from saga_runtime.client.target import Target
from saga_runtime.client.times import iso
from saga_runtime.errors import BadCommand
from saga_runtime.ledger import Store, views
from saga_runtime.ledger.items import ENDED, KEPT
from saga_runtime.ledger.views import IndexedSaga as Seen
from saga_runtime.ledger.views import shards
from saga_runtime.services import Services

AT_ONCE: Final = 8
"""Queries at the same time: a listing of every state is 112, most of them empty."""
UNFINISHED: Final = "UNFINISHED"
"""Stands for every state that is no ending."""
MAY_WAIT: Final = ("RUNNING", "COMMITTED")
"""The states of a saga whose steps may be answered."""


@dataclass(frozen=True, kw_only=True)
class ListedSaga:
    """A saga, as far as the index has it; attributes as in :class:`Status`.

    Attributes:
        stuck_at: the steps it is stuck at, with commas between.
        waits_at: those at which it waits for a callback, likewise.
    """

    saga: str
    id: str
    version: str
    state: str
    words: str
    started: float
    ended: float | None
    deadline: float | None
    stuck_at: str
    waits_at: str = ""
    error: str

    @property
    def position(self) -> tuple[int, str]:
        """Its place in a listing: newest first, those of the same second by id."""
        return -int(self.started), self.id

    @property
    def cursor(self) -> str:
        """The same as text: a listing goes on behind it."""
        return f"{int(self.started)}-{self.id}"

    def json(self) -> dict[str, Any]:
        """The same as JSON, times as ISO 8601."""
        return iso(vars(self))


def list_sagas(
    target: Target,
    *,
    state: str | None = None,
    older_than: int = 0,
    ended_within: int | None = None,
    step: str | None = None,
    version: str | None = None,
    after: str = "",
    services: Services | None = None,
) -> Iterator[ListedSaga]:
    """Sagas of a definition, newest first, read page by page as they are taken.

    Args:
        target: which definition, and where.
        state: only those in this state, e.g. ``STUCK``; ``UNFINISHED`` for all that have not ended, stuck ones too.
        older_than: only those started at least so many seconds ago.
        ended_within: only those that have ended at most so many seconds ago, up to 30 days. What is read, and paid
            for, is every saga that ended in the 30 days that the ledger keeps it.
        step: only those that stand at this step or were aborted by it; but for stuck ones, each has to be asked.
        version: only those that started with this version of the definition, or with one that begins like it.
        after: only those behind this one, the :attr:`ListedSaga.cursor` of the last one of a page; empty for all.
        services: AWS; from the environment by default.

    Raises:
        BadCommand: a state, step or cursor that there is none of; or a period in which none of that
            state can have ended.
        Busy: DynamoDB throttles the query for those that wait for a callback.
    """
    if state is not None and state not in (*words.STATES, UNFINISHED):
        raise BadCommand(f"state is {state!r:.100}: it is one of {', '.join(words.STATES)}, or {UNFINISHED}")
    if step is not None and target.steps and step not in target.steps:
        raise BadCommand(f"step is {step!r:.100}: {target.name!r} has {', '.join(target.steps)}")
    if ended_within is not None:
        _check_period(state, ended_within)
    services = services or Services()
    every = words.STATES if ended_within is None else ENDED
    states = {None: [*every], UNFINISHED: [*views.UNFINISHED, "STUCK"]}.get(state) or [str(state)]
    now, last = int(services.now()), _position(after)
    started_by = min(now - older_than, *([-last[0]] if last else [now]))
    found = _found(target, services, states, started_by, None if ended_within is None else now - ended_within)
    found = (one for one in _in_order(found) if last is None or one.position > last)
    of_version = (one for one in found if one.version.startswith(version or ""))
    told = _waiting(target, of_version, services)
    return (one for one in told if step is None or _stands_at(target, one, step, services))


def _position(cursor: str) -> tuple[int, str] | None:
    """Where a saga stands in a listing; ``None`` for before the first."""
    if not cursor:
        return None
    started, _, saga_id = cursor.partition("-")
    if not re.fullmatch(r"[0-9]{1,12}", started) or not saga_id:
        raise BadCommand(f"the cursor is {cursor!r:.100}: it is what the end of a page of a listing says")
    return -int(started), saga_id


def _in_order(found: Iterator[ListedSaga]) -> Iterator[ListedSaga]:
    """Those of the same second by id, as the index has those of different shards and states in no order."""
    for _, together in groupby(found, key=lambda one: one.started):
        yield from sorted(together, key=lambda one: one.position)


def _check_period(state: str | None, ended_within: int) -> None:
    if state not in (None, *ENDED):
        raise BadCommand(f"state is {state!r}: of those that have ended it is one of {', '.join(ENDED)}")
    if not 0 < ended_within <= KEPT:
        raise BadCommand(
            f"ended_within is {ended_within:,} seconds: it is 1 to {KEPT:,}, as the ledger forgets what ended "
            f"{KEPT // 86_400} days ago"
        )


def _found(
    target: Target, services: Services, states: Sequence[str], started_by: int, ended_since: int | None
) -> Iterator[ListedSaga]:
    services.ledger_table = target.ledger
    store = Store(services)
    readers = [
        _reader(target, state, shard)
        for state in states
        for shard in shards(
            store, target.name, state, started_by=started_by, ended_since=ended_since, newest_first=True
        )
    ]
    services.dynamodb  # noqa: B018 # made once, and not by each thread
    with ThreadPoolExecutor(AT_ONCE) as pool:
        begun = [*pool.map(_begun, readers)]
    yield from heapq.merge(*begun, key=lambda one: -one.started)


def _begun(reader: Iterator[ListedSaga]) -> Iterator[ListedSaga]:
    """The same reader, with its first page read."""
    return chain([*islice(reader, 1)], reader)


def _reader(target: Target, state: str, shard: Iterator[Seen]) -> Iterator[ListedSaga]:
    return (_listed(target, state, found) for found in shard)


def _listed(target: Target, state: str, found: Seen) -> ListedSaga:
    meta = found.item
    end, deadline = meta.get("end"), meta.get("dl")
    return ListedSaga(
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


def _waiting(target: Target, found: Iterator[ListedSaga], services: Services) -> Iterator[ListedSaga]:
    """The index does not know who waits: the steps that may are asked for, those of many sagas in one request."""
    if not target.callback_steps:
        yield from found
        return
    while together := [*islice(found, max(1, views.TOGETHER // len(target.callback_steps)))]:
        continues = [one.id for one in together if one.state in MAY_WAIT]
        steps, now = views.steps(Store(services), target.name, continues, target.callback_steps), services.now()
        for one in together:
            known = steps.get(one.id, {})
            at = [step for step in target.callback_steps if words.awaits_callback(known.get(step, {}), one.state, now)]
            yield replace(one, words=words.WAITING, waits_at=",".join(at)) if at else one


def _stands_at(target: Target, found: ListedSaga, step: str, services: Services) -> bool:
    if found.state == "STUCK":
        return step in found.stuck_at.split(",")
    if found.state == "COMPLETED":
        return False
    try:
        seen = status(target, found.id, services=services)
    except SagaUnknown:
        return False
    return step in {*seen.at, seen.failed_at}
