"""Starting a saga, whatever its style."""

import json
from dataclasses import dataclass
from typing import Any

from saga_runtime.command import SCHEMA, checked_id
from saga_runtime.errors import BadCommand, InputMismatch
from saga_runtime.events import publish
from saga_runtime.services import Services
from saga_runtime.values import LARGEST_FORWARD, canonical, checked

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where sagas of one definition are started: the construct's ``start_target``.

    Args:
        name: the saga's name.
        version: the definition's fingerprint.
        style: ``orchestrated`` or ``choreographed``.
        where: the state machine's ARN, or the bus's name.
        relay: the name of the saga's relay, which takes orders.
        deadline: seconds from the start until no action begins any more; ``None`` for no deadline.
        ledger: the name of the ledger's table.
        dead_letters: the URL of the saga's dead-letter queue.
    """

    name: str
    version: str
    style: str
    where: str
    relay: str = ""
    deadline: int | None = None
    ledger: str = ""
    dead_letters: str = ""


class OrderRefused(Exception):
    """An order that the saga's state does not allow; nothing was changed."""


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


def cancel(target: Target, saga_id: str, *, services: Services | None = None) -> str:
    """Turn a saga back: no new step can commit, and what happened is undone. Returns its state.

    Cancelling twice, or a saga that never began, is safe; the latter then never begins.

    Raises:
        OrderRefused: it is past its pivot, or completed.
    """
    return _order(target, {"order": "cancel", "id": saga_id}, services)


def resume(target: Target, saga_id: str, *, services: Services | None = None) -> str:
    """Let a stuck saga go on exactly where it stopped. Returns its state.

    Raises:
        OrderRefused: it is not stuck.
    """
    return _order(target, {"order": "resume", "id": saga_id}, services)


def forgive(target: Target, saga_id: str, step: str, reason: str, *, services: Services | None = None) -> str:
    """Close by hand the compensation that a saga is stuck at, keep the reason, and go on. Returns its state.

    Raises:
        OrderRefused: it is not stuck there.
    """
    return _order(target, {"order": "forgive", "id": saga_id, "step": step, "reason": reason}, services)


def _order(target: Target, order: Json, services: Services | None) -> str:
    checked_id(order["id"])
    functions = (services or Services()).functions
    reply = functions.invoke(FunctionName=target.relay, Payload=canonical(order).encode())
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" in reply:
        raise BadCommand(f"the relay of {target.name!r} could not obey {order}: {answer.get('errorMessage')}")
    if answer["refused"]:
        raise OrderRefused(answer["refused"])
    return answer["status"]


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
