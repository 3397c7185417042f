"""Telling the bus. An event is sent after the ledger's commit and again whenever the command is delivered again."""

from typing import Any

from saga_runtime import telemetry
from saga_runtime.command import Command
from saga_runtime.errors import Busy
from saga_runtime.services import Services
from saga_runtime.values import canonical

Json = dict[str, Any]


def announce(services: Services, command: Command, outcome: str, saga: Json) -> None:
    """Publish what became of a command: the ending if it means one, else the step's outcome."""
    ending = command.ends.get(outcome)
    if ending:
        announce_ending(services, command, ending, saga)
    else:
        publish(services, command.saga_name, f"{command.step}.{outcome}", saga)


def announce_ending(services: Services, command: Command, ending: str, saga: Json) -> None:
    """Publish ``saga.<ending>`` and count it; both styles do."""
    publish(services, command.saga_name, f"saga.{ending.lower()}", saga)
    telemetry.ended(command, ending)


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
