"""Orchestrated: Step Functions calls the function and takes its answer, or the class name of its error."""

from typing import Any

from saga_runtime import ledger
from saga_runtime.command import Command
from saga_runtime.envelope import parse
from saga_runtime.events import announce_ending
from saga_runtime.execution import carry_out
from saga_runtime.handlers import Handlers, LambdaContext
from saga_runtime.join import joined
from saga_runtime.ledger import Meta, Store
from saga_runtime.outcome import Outcome
from saga_runtime.services import Services
from saga_runtime.values import canonical

Json = dict[str, Any]


def handle(participant: Handlers, event: Json, context: LambdaContext) -> Json:
    """Carry out the one command in ``event``; the answer is the next state's input."""
    command = parse(event)
    if command.run:
        Meta(Store(participant.services)).check_run(command)
    command = ledger.counted(Store(participant.services), command)
    report = carry_out(participant, command, context)
    if report.outcome == "pending":
        return {}  # not read: the machine waits for the callback
    ended = announce(participant.services, command, report)
    if report.rejection:
        raise report.rejection
    if command.token:
        participant.services.states.send_task_success(taskToken=command.token, output=canonical(report.saga))
    return published(report.saga) if ended else report.saga


def published(saga: Json) -> Json:
    """The saga state with the news that its ending is published: so the failed execution tells nothing new."""
    return {**saga, "failure": {**saga["failure"], "published": True}} if saga.get("failure") else saga


def announce(services: Services, command: Command, report: Outcome) -> bool:
    """Publish how the saga has ended, if it has. That it is stuck is published by recovery, of the execution's end."""
    ends, whole = command.ends, report
    if command.join and report.outcome != "rejected" and command.join.ends.get(report.outcome):
        ends, whole = command.join.ends, joined(services, command, command.join, report)
    ending = whole.ending(ends) if whole else None
    if whole and ending and ending != "STUCK":
        return announce_ending(services, command, ending, whole)
    return False
