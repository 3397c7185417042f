"""Starting a saga, whatever its style."""

import json
from typing import Any

from saga_runtime.client.target import Target
from saga_runtime.envelope import SCHEMA, checked_id
from saga_runtime.errors import BadCommand, InputMismatch
from saga_runtime.events import publish
from saga_runtime.services import Services
from saga_runtime.values import LARGEST_FORWARD, canonical, checked

Json = dict[str, Any]


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
    services = services or Services()
    checked_id(saga_id)
    now = int(services.now())
    saga: Json = {
        "schema": SCHEMA,
        "name": target.name,
        "version": target.version,
        "id": saga_id,
        "input": given,
        "results": {},
        "started": now,
        "deadline": None if target.deadline is None else now + target.deadline,
        "failure": None,
    }
    checked(saga, "saga", BadCommand, largest=LARGEST_FORWARD)
    if target.style == "choreographed":
        services.bus = target.where
        publish(services, target.name, "saga.started", saga)
    else:
        _start_execution(services, target.where, saga)


def execution_arn(machine: str, name: str) -> str:
    """The ARN of an execution, from that of its state machine, or of a version or alias of it."""
    partition, service, region, account, _, machine_name = machine.split(":")[1:7]
    return f"arn:{partition}:{service}:{region}:{account}:execution:{machine_name}:{name}"


def _start_execution(services: Services, machine: str, saga: Json) -> None:
    saga_id = saga["id"]
    try:
        services.states.start_execution(stateMachineArn=machine, name=saga_id, input=canonical(saga))
    except services.states.exceptions.ExecutionAlreadyExists:
        # Only what the caller gave has to be the same: it was started at another time, perhaps on another version.
        first = services.states.describe_execution(executionArn=execution_arn(machine, saga_id))
        if json.loads(first.get("input", "null"))["input"] != saga["input"]:
            raise InputMismatch(f"saga id {saga_id!r} has been started with another input: choose another id") from None
