"""Starting a saga, whatever its style."""

from dataclasses import dataclass
from typing import Any

from saga_runtime.command import SCHEMA, checked_id
from saga_runtime.errors import BadCommand, InputMismatch
from saga_runtime.events import publish
from saga_runtime.services import Services
from saga_runtime.values import canonical, checked

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where sagas of one definition are started: the construct's ``start_target``.

    Args:
        name: the saga's name.
        version: the definition's fingerprint.
        style: ``orchestrated`` or ``choreographed``.
        where: the state machine's ARN, or the bus's name.
    """

    name: str
    version: str
    style: str
    where: str


def start(target: Target, saga_id: str, given: Json, *, services: Services | None = None) -> None:
    """Start a saga. Repeating the call with the same id and input starts nothing new.

    Args:
        target: which saga, and where.
        saga_id: 1 to 64 letters, digits, ``-`` or ``_``; the caller's own key, e.g. an order number.
        given: the input every step sees.
        services: AWS; from the environment by default.

    Raises:
        BadCommand: an id or input that no saga can carry.
        InputMismatch: the id has been used with another input (orchestrated; choreographed, the first step refuses it
            and the message is kept in the dead-letter queue).
    """
    checked_id(saga_id)
    checked(given, "the input", BadCommand)
    saga = {
        "schema": SCHEMA,
        "name": target.name,
        "version": target.version,
        "id": saga_id,
        "input": given,
        "results": {},
        "failure": None,
    }
    services = services or Services()
    if target.style == "choreographed":
        services.bus = target.where
        publish(services, target.name, "saga.started", saga)
    else:
        _start_execution(services, target.where, saga_id, canonical(saga))


def _start_execution(services: Services, machine: str, saga_id: str, text: str) -> None:
    try:
        services.states.start_execution(stateMachineArn=machine, name=saga_id, input=text)
    except services.states.exceptions.ExecutionAlreadyExists:
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{saga_id}"
        if services.states.describe_execution(executionArn=arn).get("input") != text:
            raise InputMismatch(f"saga id {saga_id!r} has been started with another input: choose another id") from None
