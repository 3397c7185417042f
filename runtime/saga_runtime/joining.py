"""Telling the bus what became of a task; in a group, whoever finds all members through speaks for the whole.

The ledger knows who is through, so nobody has to be last for sure.
"""

from dataclasses import replace

from saga_runtime import ledger
from saga_runtime.command import Command, Join
from saga_runtime.errors import SagaFenced
from saga_runtime.events import announce
from saga_runtime.report import Report
from saga_runtime.services import Services


def tell(services: Services, command: Command, report: Report) -> None:
    """Publish what became of a command in the choreographed style: the step's outcome, its group's, or the ending."""
    if command.join is None or report.outcome == "rejected":
        announce(services, command, command.step, command.ends, report)
    elif whole := joined(services, command, command.join, report):
        announce(services, command, command.join.group, command.join.ends, whole)


def joined(services: Services, command: Command, join: Join, report: Report) -> Report | None:
    """The report of a whole group, after one of its branches has come to its end.

    Two members that finish at once both speak; what follows is done once all the same.

    Returns:
        ``None`` while others are still at work.

    Raises:
        SagaFenced: all are done, but the saga was turned back meanwhile.
    """
    sagas, saga = ledger.Sagas(ledger.Store(services)), ledger.SagaKey.of(command)
    state = sagas.state(saga)
    through = state.done if report.outcome == "succeeded" else state.undone
    if not through(join.steps):
        return None
    ending = join.ends.get(report.outcome)
    if ending == "COMPLETED" and not sagas.complete(saga):
        raise SagaFenced(f"saga {command.saga_id!r} was turned back when {join.group!r} was done")
    if ending == "COMPENSATED":
        sagas.compensated(saga)
    return replace(report, saga={**report.saga, "results": {**report.saga["results"], **state.results}})
