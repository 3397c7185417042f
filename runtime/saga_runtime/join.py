"""Publish the outcome of a task; the branch that finds all members done publishes the group's outcome.

The ledger knows which members are done, so no branch has to be last for sure.
"""

from dataclasses import replace

from saga_runtime import ledger
from saga_runtime.command import Command, GroupJoin
from saga_runtime.errors import SagaFenced
from saga_runtime.events import announce, count_ending, publish_ending
from saga_runtime.ledger.sagas import Reached
from saga_runtime.outcome import Outcome
from saga_runtime.services import Services


def publish_outcome(services: Services, command: Command, report: Outcome) -> None:
    """Publish what became of a command in the choreographed style: the step's outcome, its group's, or the ending."""
    who, ends, whole = command.step, command.ends, report
    if command.join and report.outcome != "rejected":
        who, ends, whole = command.join.group, command.join.ends, joined(services, command, command.join, report)
    if whole and whole.ending(ends) == "STUCK":
        _mark_stuck(services, command, whole)
    elif whole:
        announce(services, command, who, ends, whole)


def _mark_stuck(services: Services, command: Command, report: Outcome) -> None:
    """Compensation is through, with steps given up; those may have been undone since, then it has ended well."""
    left = report.saga["failure"]["stuck"]
    sagas, saga = ledger.Sagas(ledger.Store(services)), ledger.SagaKey.of(command)
    state = sagas.state(saga)
    known = filter(None, (state.last_error(step, "compensation") for step in left))
    error, cause = next(known, ("RetriesUsedUp", f"the compensation of {', '.join(left)} was given up"))
    if sagas.mark_stuck(saga, left, f"{error}: {cause}"):
        stuck = replace(command, step=left[0]).failed("stuck", error, cause, recorded=True)
        stuck["failure"]["stuck"] = left
        publish_ending(services, command, "STUCK", stuck)
        count_ending(services, command, "STUCK", stuck)


def joined(services: Services, command: Command, join: GroupJoin, report: Outcome) -> Outcome | None:
    """The report of a whole group, after one of its branches has come to its end.

    Two members that finish at once both find that; the one that ends the saga in the ledger publishes its ending. One
    that is delivered again publishes it again: the other may have died before it could.

    Returns:
        ``None`` while others are still at work, or when another one publishes the ending.

    Raises:
        SagaFenced: all are done, but the saga was aborted meanwhile.
    """
    sagas, saga = ledger.Sagas(ledger.Store(services, command.message)), ledger.SagaKey.of(command)
    state = sagas.state(saga)
    forward = report.outcome == "succeeded"
    if not (state.done if forward else state.compensation_done)(join.steps):
        return None
    if left := [] if forward else state.failed_compensations(join.steps):
        report = replace(report, outcome="stuck", saga=command.with_failed_compensations(*left))
    ending = report.ending(join.ends)
    if ending and state.announced:
        return None
    if ending in {"COMPLETED", "COMPENSATED"}:
        reached = (sagas.complete if ending == "COMPLETED" else sagas.compensated)(saga)
        if reached is Reached.NEVER and not state.meta:
            raise ledger.Lost(sagas.store).contradicted(command, state)
        if ending == "COMPLETED" and reached is Reached.NEVER:
            raise SagaFenced(f"saga {command.saga_id!r} was aborted when {join.group!r} was done")
        again = report.again or sagas.store.written.again
        if reached is Reached.BEFORE and not again:
            return None
        report = replace(report, again=again, written=sagas.store.written)
    return replace(report, saga={**report.saga, "results": {**report.saga["results"], **state.results}})
