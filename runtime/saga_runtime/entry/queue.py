"""Choreographed: SQS delivers a batch of commands; what became of each is told to the bus."""

import functools
import math
from typing import Any, Final, NoReturn, cast

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from saga_runtime import telemetry
from saga_runtime.command import Command
from saga_runtime.entry.batch import body_of, each, hide
from saga_runtime.envelope import parse
from saga_runtime.errors import (
    AnotherVersion,
    BadCommand,
    BadResult,
    Busy,
    Contradiction,
    InputMismatch,
    Leased,
    SagaFenced,
    StillPending,
    WaitedInVain,
)
from saga_runtime.events import announce_ending
from saga_runtime.execution import carry_out
from saga_runtime.handlers import Handlers, LambdaContext, Outside
from saga_runtime.joining import tell
from saga_runtime.ledger.outside import GRACE
from saga_runtime.ledger.store import Written
from saga_runtime.report import Report
from saga_runtime.services import Services
from saga_runtime.values import shown

Json = dict[str, Any]
HOPELESS: Final = (BadCommand, BadResult, Contradiction, InputMismatch, WaitedInVain)
"""No attempt can change these: delivered again at once, the message is soon where somebody looks at it."""
NO_PATIENCE: Final = {"interval": 0, "backoff": 1, "cap": 0}
"""The policy of a command that brings none."""


def handle(participant: Handlers, event: Json, context: LambdaContext) -> Any:
    """Carry out each command of the batch; the answer names the messages to deliver again."""
    return each(event, functools.partial(_one, participant, context))


def _one(participant: Handlers, context: LambdaContext, record: SQSRecord) -> None:
    try:
        _attempt(participant, context, record)
    except HOPELESS:
        hide(participant.services, record, 0)
        raise


def _attempt(participant: Handlers, context: LambdaContext, record: SQSRecord) -> None:
    command = _command(record)
    try:
        report = carry_out(participant, command, context)
        if report.outcome == "pending":
            _keep_time(participant.services, record, report.seconds)
        elif report.outcome != "passed":
            tell(participant.services, command, report)
    except SagaFenced as late:
        # Whoever fenced the saga also told the bus, unless it was cancelled before anybody knew what it was about.
        if command.first and late.never_began:
            closed = Report("fenced", command.saga, written=Written(unannounced=True))
            announce_ending(participant.services, command, "COMPENSATED", closed)
    except AnotherVersion:
        pass  # its start came again, after a deployment: it runs as it began
    except (*HOPELESS, StillPending):
        raise
    except Exception as error:
        lease = _lease(participant, command, context, error)
        hide(participant.services, record, max(lease, _ladder(participant.services, record)))
        raise


def _keep_time(services: Services, record: SQSRecord, seconds: float) -> NoReturn:
    """The message of a step that waits is its timer: it comes back when the time is over, or at the latest SQS allows.

    Raises:
        StillPending: always, so that the message is kept.
    """
    hide(services, record, seconds)
    raise StillPending("the message is kept until the step's time is over", seconds)


def _command(record: SQSRecord) -> Command:
    try:
        body = body_of(record)
        command = parse(body, attempt=_receives(record))
        _check_policy(body["task"].get("retry", NO_PATIENCE))
    except BadCommand as error:
        telemetry.logger().error("refused", extra={"reason": str(error), "message_id": record.message_id})
        raise
    return command


def _receives(record: SQSRecord) -> int:
    return int(record.attributes.approximate_receive_count)


def _lease(participant: Handlers, command: Command, context: LambdaContext, error: Exception) -> float:
    """Seconds for which another attempt would only find a lease running, and so be one attempt less."""
    if isinstance(error, Leased):
        return error.retry_after
    outside = not isinstance(error, Busy) and isinstance(participant.find(command), Outside)
    return context.get_remaining_time_in_millis() / 1000 + GRACE if outside else 0


def _ladder(services: Services, record: SQSRecord) -> float:
    """Seconds until the next attempt by the step's policy, with full jitter."""
    policy = body_of(record)["task"].get("retry", NO_PATIENCE)
    longest = min(policy["cap"], policy["interval"] * policy["backoff"] ** (_receives(record) - 1))
    return longest * services.chance()


def _check_policy(policy: object) -> None:
    fields = cast(Json, policy) if isinstance(policy, dict) else {}
    told = [fields.get(name) for name in NO_PATIENCE]
    if not all(isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in told):
        given = shown(cast(object, policy))
        raise BadCommand(f"task.retry is {given}: {', '.join(NO_PATIENCE)} belong there, as numbers")
