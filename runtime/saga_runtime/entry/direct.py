"""Orchestrated: Step Functions calls the function and takes its answer, or the class name of its error."""

from typing import Any

from saga_runtime.command import parse
from saga_runtime.events import announce_ending
from saga_runtime.execution import carry_out
from saga_runtime.handlers import Handlers, LambdaContext
from saga_runtime.joining import joined

Json = dict[str, Any]


def handle(participant: Handlers, event: Json, context: LambdaContext) -> Json:
    """Carry out the one command in ``event``; the answer is the next state's input."""
    command = parse(event)
    report = carry_out(participant, command, context)
    if ending := command.ends.get(report.outcome):
        announce_ending(participant.services, command, ending, report.saga)
    elif command.join and (ending := command.join.ends.get(report.outcome)):
        whole = joined(participant.services, command, command.join, report)
        if whole:
            announce_ending(participant.services, command, ending, whole.saga)
    if report.rejection:
        raise report.rejection
    return report.saga
