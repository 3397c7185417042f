"""The envelope in which both styles send a command, read field by field before anything happens."""

import re
from collections.abc import Mapping
from typing import Any, Final

from saga_runtime.admission import SCHEMA, admitted, run_of
from saga_runtime.command import Command, GroupJoin
from saga_runtime.error_text import error_text
from saga_runtime.errors import BadCommand
from saga_runtime.fields import flag, json_object, moment, seconds, word, words
from saga_runtime.refusals import printable, refusal
from saga_runtime.values import checked

SAGA_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""Fits an execution's name, a key, a log field and a URL."""
OPERATIONS: Final = ("action", "compensation")
ENDINGS: Final = ("COMPLETED", "COMPENSATED")

Json = dict[str, Any]


def parse(payload: object, *, attempt: int = 1, message: str = "") -> Command:
    """Read a command.

    Args:
        payload: ``{"task": {...}, "saga": {...}}``, and ``start`` where the saga begins.
        attempt: how often the engine has delivered it, this time included.
        message: the id of the queue's message.

    Raises:
        BadCommand: a field is missing, of the wrong kind, too large, or from another schema, saga or version.
    """
    top = json_object(payload, "the payload")
    task, saga = json_object(top.get("task"), "task"), json_object(top.get("saga"), "saga")
    if saga.get("schema") != SCHEMA:
        raise BadCommand(
            refusal("saga.schema", saga.get("schema"), f"this runtime reads {SCHEMA!r}; deploy both halves together")
        )
    start = _start(top.get("start", saga.get("start")))
    saga, size = checked(admitted(task, saga, start), "saga", BadCommand)
    failure, delivery = saga.get("failure"), _attempt(top.get("attempt", attempt))
    return Command(
        saga_name=word(saga.get("name"), "saga.name"),
        saga_version=word(saga.get("version"), "saga.version"),
        saga_id=checked_id(saga.get("id")),
        step=word(task.get("step"), "task.step"),
        operation=_operation(task.get("operation")),
        handler=word(task.get("handler"), "task.handler"),
        input=json_object(saga.get("input"), "saga.input"),
        results=_results(saga.get("results")),
        failure=None if failure is None else _failure(json_object(failure, "saga.failure")),
        started=moment(saga.get("started"), "saga.started"),
        deadline=None if saga.get("deadline") is None else moment(saga["deadline"], "saga.deadline"),
        first=flag(task, "first"),
        starts_group=flag(task, "starts_group"),
        pivot=flag(task, "pivot"),
        after_pivot=flag(task, "after_pivot"),
        continue_on_failure=flag(task, "continue_on_failure"),
        grouped=flag(task, "grouped"),
        join=_join(task.get("join")),
        fences=words(task.get("fences", []), "task.fences"),
        ends=_ends(task.get("ends", {}), "task.ends"),
        compensate_from=word(saga["compensate_from"], "saga.compensate_from") if "compensate_from" in saga else None,
        run=run_of(start),
        attempt=delivery,
        delivery=delivery,
        message=message,
        callback_timeout=seconds(task["callback_timeout"], "task.callback_timeout", "whole seconds")
        if "callback_timeout" in task
        else None,
        token=_token(top.get("token", "")),
        task=task,
        saga=saga,
        size=size,
    )


def checked_id(value: object) -> str:
    """Return ``value`` when it can be a saga's id; raises :class:`BadCommand` otherwise."""
    if isinstance(value, str) and SAGA_ID.fullmatch(value):
        return value
    raise BadCommand(
        refusal("saga.id", value, "use 1 to 64 letters, digits, '-' or '_', beginning with a letter or digit")
    )


def _start(value: object) -> Json | None:
    return None if value is None else json_object(value, "start")


def _results(value: object) -> Json:
    results = json_object(value, "saga.results")
    for step in (step for step, result in results.items() if not isinstance(result, dict)):
        json_object(results[step], f"saga.results.{printable(step):.100}")
    return results


def _ends(value: object, field: str) -> Mapping[str, str]:
    ends = json_object(value, field)
    for outcome, ending in ends.items():
        if ending not in ENDINGS:
            raise BadCommand(
                refusal(f"{field}.{printable(outcome):.100}", ending, f"it is one of {', '.join(ENDINGS)}")
            )
    return ends


def _attempt(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise BadCommand(refusal("attempt", value, "a whole number from 1 belongs there"))


def _token(value: object) -> str:
    if isinstance(value, str):
        return value
    raise BadCommand(refusal("token", value, "the text that Step Functions gave belongs there"))


def _join(value: object) -> GroupJoin | None:
    if value is None:
        return None
    join = json_object(value, "task.join")
    group, steps = word(join.get("group"), "task.join.group"), words(join.get("steps"), "task.join.steps")
    return GroupJoin(group=group, steps=steps, ends=_ends(join.get("ends", {}), "task.join.ends"))


def _failure(failure: Json) -> Json:
    """Why the saga goes back: a state machine quotes what Lambda made of the error, stack trace and all."""
    cause = failure.get("Cause")
    return {**failure, "Cause": error_text(cause)} if isinstance(cause, str) else failure


def _operation(value: object) -> str:
    if isinstance(value, str) and value in OPERATIONS:
        return value
    raise BadCommand(refusal("task.operation", value, f"it is one of {', '.join(OPERATIONS)}"))
