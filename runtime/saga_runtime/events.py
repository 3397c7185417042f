"""Publishing. An event is sent after the ledger's commit and again whenever the command is delivered again."""

from collections.abc import Mapping
from typing import Any

from saga_runtime import telemetry
from saga_runtime.command import Command
from saga_runtime.errors import Busy
from saga_runtime.ledger import SagaKey, Sagas, Store
from saga_runtime.ledger.sagas import Reached
from saga_runtime.outcome import Outcome
from saga_runtime.services import Services
from saga_runtime.values import canonical

Json = dict[str, Any]


def announce(services: Services, command: Command, who: str, ends: Mapping[str, str], report: Outcome) -> None:
    """Publish what became of a step or group in the choreographed style.

    Args:
        services: AWS.
        command: what was asked.
        who: the step or group.
        ends: the outcomes that mean an ending; that is published instead.
        report: what became of it.
    """
    if ending := report.ending(ends):
        announce_ending(services, command, ending, report)
    else:
        publish(services, command.saga_name, f"{who}.{report.outcome}", report.saga)


def announce_ending(services: Services, command: Command, ending: str, report: Outcome) -> bool:
    """Publish ``saga.<ending>``, in either style; returns whether that was needed.

    A copy of a command that finds the saga ended publishes nothing: the delivery that ended it does, or dies and is
    delivered again. And that one counts it, so a repetition after a crash or a throttle of the bus is not counted; a
    process that dies right after it has ended a saga leaves that ending uncounted.
    """
    counted = ending in report.written.endings
    if not (counted or report.again or report.written.unannounced):
        return False
    if counted:  # before the bus is asked, which may refuse for a while
        count_ending(services, command, ending, report.saga)
    publish_ending(services, command, ending, report.saga)
    if report.written.unannounced and Sagas(Store(services)).close(SagaKey.of(command)) is Reached.NOW:
        count_ending(services, command, ending, report.saga)
    return True


def publish_ending(services: Services, command: Command, ending: str, saga: Json) -> None:
    """Publish ``saga.<ending>``, and do not count it."""
    publish(services, command.saga_name, f"saga.{ending.lower()}", saga)


def count_ending(services: Services, command: Command, ending: str, saga: Json) -> None:
    """Count an ending that the saga has come to just now."""
    telemetry.ended(command, ending, saga.get("failure"), services.now())


def publish(services: Services, saga_name: str, detail_type: str, saga: Json) -> None:
    """Put one event on the bus.

    Raises:
        Busy: EventBridge took the request but not the event (``FailedEntryCount``): the delivery must be repeated.
    """
    entry = {
        "EventBusName": services.bus,
        "Source": f"saga.{saga_name}",
        "DetailType": detail_type,
        "Detail": canonical(saga),
    }
    answer = services.events.put_events(Entries=[entry])  # pyright: ignore[reportArgumentType]
    if answer["FailedEntryCount"]:
        code = answer["Entries"][0].get("ErrorCode", "no reason given")
        raise Busy(f"EventBridge did not take {detail_type!r}: {code}")
