"""Exhaustive search: every fault at every point of a run, then every second fault at every point of what came of it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from cdk_saga.testing.faults import (
    ArchiveReplay,
    Batched,
    Cancel,
    Crash,
    Delay,
    Duplicate,
    Fault,
    LostReply,
    NoConcurrency,
    NotTaken,
    Redrive,
    RequestFault,
    Slow,
    Stale,
    Stop,
    Throttled,
)
from cdk_saga.testing.run import Run
from cdk_saga.testing.trace import Entry

Faults = tuple[Fault, ...]
APART: Final = (0.0, 30.0, 2000.0)
"""Seconds between two deliveries: none, longer than a lease, longer than everything."""
LONG: Final = 100.0
"""Seconds: longer than any function may take."""
OUTAGE: Final = 9
"""Requests: more than any function sends again."""


@dataclass(frozen=True)
class Found:
    """A run of the search.

    Attributes:
        path: where the search found it: the number of each fault among those possible at its point.
        faults: what went wrong.
        run: what came of it.
    """

    path: tuple[int, ...]
    faults: Faults
    run: Run


def explore(run: Callable[[Faults], Run], depth: int) -> Iterator[Found]:
    """Run a saga without faults, then with every combination of up to ``depth``.

    Args:
        run: runs it with certain faults, always the same otherwise.
        depth: the largest number of faults.
    """
    yield from _deeper(run, Found((), (), run(())), depth, -1.0)


def _deeper(run: Callable[[Faults], Run], found: Found, depth: int, after: float) -> Iterator[Found]:
    yield found
    if depth:
        for i, (at, fault) in enumerate(faults_of(found.run, after)):
            faults = (*found.faults, fault)
            yield from _deeper(run, Found((*found.path, i), faults, run(faults)), depth - 1, at)


def follow(run: Callable[[Faults], Run], path: Iterable[int]) -> Found:
    """The run that :func:`explore` found at ``path``."""
    found, after = Found((), (), run(())), -1.0
    for i in path:
        after, fault = list(faults_of(found.run, after))[i]
        faults = (*found.faults, fault)
        found = Found((*found.path, i), faults, run(faults))
    return found


def faults_of(run: Run, after: float = -1.0) -> Iterator[tuple[float, Fault]]:
    """Every fault that can strike a run from a time on, and when it does."""
    begun: set[tuple[str, int]] = set()
    for entry in run.trace.requests():
        if entry.at < after or entry.task not in run.world.functions.invocations:  # a starter's
            continue
        if (entry.task, entry.attempt) not in begun:
            begun.add((entry.task, entry.attempt))
            yield from ((entry.at, fault) for fault in _of_invocation(run, entry.task, entry.attempt))
        yield from ((entry.at, fault) for fault in _of_request(entry))


def _of_invocation(run: Run, task: str, attempt: int) -> Iterator[Fault]:
    for seconds in APART:
        yield Duplicate(task, attempt=attempt, after=seconds)
        if run.style == "choreographed":
            yield Duplicate(task, attempt=attempt, after=seconds, kind="redelivery")
            yield ArchiveReplay(task, attempt=attempt, after=seconds)
        if task == "recovery":
            yield Redrive(task, attempt=attempt, after=seconds)
    yield Delay(task, attempt=attempt, seconds=LONG)
    yield NoConcurrency(task, attempt=attempt)
    if run.style == "choreographed":
        yield Batched(task, attempt=attempt)
    else:
        yield Stop(task, attempt=attempt)


def _of_request(entry: Entry) -> Iterator[RequestFault]:
    task, attempt, call = entry.task, entry.attempt, entry.call
    yield Crash(task, attempt=attempt, call=call, when="before")
    yield Crash(task, attempt=attempt, call=call, when="after")
    yield LostReply(task, attempt=attempt, call=call)
    yield Throttled(task, attempt=attempt, call=call)
    yield Throttled(task, attempt=attempt, call=call, times=OUTAGE)
    yield Slow(task, attempt=attempt, call=call, seconds=LONG, when="before")
    yield Slow(task, attempt=attempt, call=call, seconds=LONG, when="after")
    if entry.what == "PutEvents":
        yield NotTaken(task, attempt=attempt, call=call)
    if entry.what == "DescribeExecution":
        yield Stale(task, attempt=attempt, call=call)
    if task != "recovery":
        yield Cancel(task, attempt=attempt, call=call)
