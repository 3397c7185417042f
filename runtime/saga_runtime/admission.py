"""What enters a saga: a starter names the id and the input, and the deployment says everything else.

The engine adds ``start`` to the message that begins a saga, where no starter can write it: the execution's name and
start time (Step Functions), or the event's type and the time at which EventBridge received it. A publisher may choose
an event's own ``time``, but not that one (EventBridge user guide, "Amazon EventBridge input transformation",
``aws.events.event.ingestion-time``).
"""

from datetime import datetime
from typing import Any, Final

from saga_runtime.errors import BadCommand
from saga_runtime.fields import json_object, seconds, word
from saga_runtime.refusals import refusal, shown

Json = dict[str, Any]
SCHEMA: Final = "saga/1"
STARTED: Final = "saga.started"
"""The detail-type by which starters begin a choreographed saga; recovery adds the version, see :func:`started_as`."""
ONLY: Final = "a start names the saga's id and input, the deployment says the rest: leave it out"


def started_as(version: str) -> str:
    """The detail-type by which recovery asks the first step of a version again; no starter may publish it."""
    return f"{STARTED}.{version}"


def begin(saga_name: str, saga_id: str, given: object) -> Json:
    """What a starter sends, in either style."""
    return {"schema": SCHEMA, "name": saga_name, "id": saga_id, "input": given}


def run_of(start: Json | None) -> str:
    """The name of an execution that is not a saga's first one, which only recovery may start; empty for any other."""
    name = str((start or {}).get("execution", ""))
    return name if "." in name else ""


def admitted(task: Json, saga: Json, start: Json | None) -> Json:
    """Return the saga state that a command carries.

    Args:
        task: the task spec.
        saga: as the message has it.
        start: what the engine says of the message that begins a saga, or runs it again; ``None`` in any later one.

    Raises:
        BadCommand: a start that brings more than an id and an input, or a message for another saga or version.
    """
    name, version = word(task.get("saga"), "task.saga"), word(task.get("version"), "task.version")
    state = {field: value for field, value in saga.items() if field != "start"}
    if start is not None and _begins(start):
        state = _begun(task, state, start)
    for field, deployed in (("name", name), ("version", version)):
        if state.get(field) != deployed:
            raise BadCommand(
                refusal(f"saga.{field}", state.get(field), f"this task belongs to {name!r}, version {version!r}")
            )
    return state


def _begins(start: Json) -> bool:
    """Whether a starter wrote the message, and not recovery."""
    return start["event"] == STARTED if "event" in start else not run_of(start)


def _begun(task: Json, saga: Json, start: Json) -> Json:
    """The state of a saga that begins; the deployed version runs, whichever the starter knew."""
    for field in ("results", "compensate_from"):
        if saga.get(field):
            raise BadCommand(refusal(f"saga.{field}", saga[field], f"{ONLY}"))
    for field, own in (("name", task["saga"]), ("id", start.get("execution", saga.get("id")))):
        if saga.get(field, own) != own:
            raise BadCommand(refusal(f"saga.{field}", saga[field], f"this is a start of {shown(own)}: {ONLY}"))
    at = _time(start.get("at"))
    deadline = seconds(task["deadline"], "task.deadline", "whole seconds") if "deadline" in task else None
    return {
        "schema": saga.get("schema"),
        "name": task["saga"],
        "version": task["version"],
        "id": start.get("execution", saga.get("id")),
        "input": json_object(saga.get("input"), "saga.input"),
        "results": {},
        "started": at,
        "deadline": None if deadline is None else at + deadline,
        # Of a compensation it is what the state machine caught.
        "failure": saga.get("failure") if task.get("operation") == "compensation" else None,
    }


def _time(value: object) -> int:
    try:
        return int(datetime.fromisoformat(str(value)).timestamp())
    except (ValueError, OverflowError):
        raise BadCommand(refusal("start.at", value, "a time in ISO 8601 belongs there")) from None
