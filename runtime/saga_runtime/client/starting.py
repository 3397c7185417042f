"""Starting a saga, whatever its style."""

from typing import Any

from saga_runtime.admission import STARTED, begin
from saga_runtime.client.target import Target
from saga_runtime.envelope import checked_id
from saga_runtime.errors import BadCommand, InputMismatch
from saga_runtime.events import publish
from saga_runtime.fields import LATEST
from saga_runtime.ledger import SagaKey, Sagas, Store
from saga_runtime.plain import input_json
from saga_runtime.services import Services
from saga_runtime.values import MAX_FORWARD_SIZE, canonical, checked, fingerprint

Json = dict[str, Any]


def start(target: Target, saga_id: str, input: Json, *, services: Services | None = None) -> None:
    """Start a saga. Repeating the call with the same id and input starts nothing new.

    Args:
        target: which saga, and where.
        saga_id: 1 to 64 letters, digits, ``-`` or ``_``; the caller's own key, e.g. an order number.
        input: the input every step sees: text, whole numbers up to 2**53 - 1, fractions, booleans, ``None``, lists and
            mappings of these. A float without a fraction is a whole number.
        services: AWS; from the environment by default.

    Raises:
        BadCommand: an id or input that no saga can carry; nothing was sent.
        InputMismatch: the id has been used with another input (orchestrated; choreographed, the first step refuses it
            and the message is kept in the dead-letter queue: ask :func:`has_begun`).
    """
    services = services or Services()
    message = _message(target, saga_id, input)
    if target.style == "choreographed":
        services.bus = target.where
        publish(services, target.name, STARTED, message)
    else:
        _start_execution(services, target, message)


def has_begun(target: Target, saga_id: str, input: Json, *, services: Services | None = None) -> bool:
    """Ask the ledger whether a saga has begun with this input, before or after :func:`start`, in either style.

    A choreographed start is an event, which answers nothing: what the first step refuses, only the ledger tells. The
    question costs one consistent ``Query`` of one item, and needs what ``grant_start`` grants. Its answer is sure only
    when it is yes, or raised.

    Args:
        target: which saga, and where.
        saga_id: its id.
        input: the input.
        services: AWS; from the environment by default.

    Returns:
        Whether it has begun; not yet, or never, otherwise.

    Raises:
        BadCommand: an id or input that no saga can carry.
        InputMismatch: the id belongs to a saga with another input.
    """
    services = services or Services()
    message = _message(target, saga_id, input)
    services.ledger_table = target.ledger
    known = Sagas(Store(services)).input_hash(SagaKey(target.name, saga_id))
    if known and known != fingerprint(message["input"]):
        raise InputMismatch(f"saga id {saga_id!r} has been started with another input: choose another id")
    return bool(known)


def _message(target: Target, saga_id: str, given: Json) -> Json:
    """What a starter sends, checked as the state that becomes of it."""
    message = begin(target.name, checked_id(saga_id), input_json(given, "saga.input", BadCommand))
    added: Json = {"version": target.version, "results": {}, "started": LATEST, "deadline": LATEST, "failure": None}
    saga, _ = checked({**message, **added}, "saga", BadCommand, largest=MAX_FORWARD_SIZE)
    return {field: saga[field] for field in message}


def execution_arn(machine: str, name: str) -> str:
    """The ARN of an execution, from that of its state machine, or of a version or alias of it."""
    partition, service, region, account, _, machine_name = machine.split(":")[1:7]
    return f"arn:{partition}:{service}:{region}:{account}:execution:{machine_name}:{name}"


def _start_execution(services: Services, target: Target, message: Json) -> None:
    saga_id = message["id"]
    try:
        services.states.start_execution(stateMachineArn=target.where, name=saga_id, input=canonical(message))
    except services.states.exceptions.ExecutionAlreadyExists:
        # Of one that has ended, too; the ledger knows whose input it had.
        services.ledger_table = target.ledger
        if Sagas(Store(services)).input_hash(SagaKey(target.name, saga_id)) != fingerprint(message["input"]):
            raise InputMismatch(f"saga id {saga_id!r} has been started with another input: choose another id") from None
