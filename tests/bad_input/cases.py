"""The table of bad commands: what is wrong, an example, and what the error says. ``docs/bad-input.md`` shows it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from saga_runtime.values import LARGEST
from shop import payload

Json = dict[str, Any]
LADDER: Final = {"max_attempts": 3, "interval": 1, "backoff_rate": 2, "max_delay": 60}


@dataclass(frozen=True)
class Case:
    """One kind of bad command.

    Args:
        what: is wrong.
        change: makes it so, of a command that is right.
        error: how the error begins, or what stands in it.
    """

    what: str
    change: Callable[[Json], object]
    error: str

    def command(self) -> Json:
        """The bad command."""
        command = payload("charge", step="money", given={"n": 1}, retry=LADDER)
        self.change(command)
        return command


def nested(levels: int) -> Any:
    """That many lists, one in the other."""
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def saga(**fields: Any) -> Callable[[Json], object]:
    """Sets fields of the saga state."""
    return lambda command: command["saga"].update(fields)


def task(**fields: Any) -> Callable[[Json], object]:
    """Sets fields of the task spec."""
    return lambda command: command["task"].update(fields)


def given(value: Any) -> Callable[[Json], object]:
    """Puts a value into the input."""
    return saga(input={"n": value})


def another_saga(command: Json) -> None:
    """Makes it the first step of a saga with another input, whose id is in use."""
    command["task"].update(step="goods", handler="reserve", first=True)
    command["saga"].update(input={"n": 2})


ID: Final = "use 1 to 64 letters, digits, '-' or '_', beginning with a letter or digit"
CASES: Final = (
    Case("no task", lambda c: c.pop("task"), "task is None: a JSON object belongs there"),
    Case("no saga", lambda c: c.update(saga=[]), "saga is []: a JSON object belongs there"),
    Case("another schema", saga(schema="saga/2"), "saga.schema is 'saga/2': this runtime reads 'saga/1'"),
    Case("no schema", saga(schema=None), "saga.schema is None"),
    Case("an id that climbs", saga(id="../../etc"), f"saga.id is '../../etc': {ID}"),
    Case("an id with the keys' own sign", saga(id="t-1#META"), f"saga.id is 't-1#META': {ID}"),
    Case("an id that ends its line", saga(id="t-1\n"), f"saga.id is 't-1\\n': {ID}"),
    Case("an id with a control character", saga(id="t\x00-1"), f"saga.id is 't\\x00-1': {ID}"),
    Case("an id that is a picture", saga(id="\U0001f4a5"), f"saga.id is '\\U0001f4a5': {ID}"),
    Case("an id in other digits", saga(id="t-\u0661"), f"saga.id is 't-\\u0661': {ID}"),
    Case("an empty id", saga(id=""), f"saga.id is '': {ID}"),
    Case("too long an id", saga(id="x" * 65), ID),
    Case("an id that is a number", saga(id=7), f"saga.id is 7: {ID}"),
    Case("a name with the keys' own sign", saga(name="a#b"), "saga.name is 'a#b': this task belongs to 'order'"),
    Case("a version that is none", saga(version={}), "saga.version is {}: this task belongs to 'order'"),
    Case("an input that is no object", saga(input=[1]), "saga.input is [1]: a JSON object belongs there"),
    Case("results that are no objects", saga(results={"goods": "all"}), "saga.results.goods is 'all': a JSON object"),
    Case("a failure that is none", saga(failure="no"), "saga.failure is 'no': a JSON object belongs there"),
    Case("a time that is a boolean", saga(started=True), "saga.started is True: whole seconds since the epoch"),
    Case("a deadline in words", saga(deadline="soon"), "saga.deadline is 'soon': whole seconds since the epoch"),
    Case("a step with the keys' own sign", task(step="goods#1"), "task.step is 'goods#1': 1 to 128 letters"),
    Case("an unknown operation", task(operation="undo"), "task.operation is 'undo': it is one of action, compensation"),
    Case("no handler", task(handler=None), "task.handler is None: 1 to 128 letters"),
    Case("an unknown handler", task(handler="reverse"), "no handler 'reverse' (it has: charge, refund, release"),
    Case("a flag that is a number", task(pivot=1), "task.pivot is 1: true or false belongs there"),
    Case("an ending that is none", task(ends={"succeeded": "DONE"}), "task.ends.succeeded is 'DONE': it is one of"),
    Case("fences that are no steps", task(fences=["a/b"]), "task.fences is 'a/b': 1 to 128 letters"),
    Case("a group that is none", task(join={"group": 1, "steps": []}), "task.join.group is 1: 1 to 128 letters"),
    Case("an attempt that is a boolean", lambda c: c.update(attempt=True), "attempt is True: a whole number from 1"),
    Case("not a number", given(float("nan")), "saga.input.n is nan: JSON has no such number"),
    Case("infinity", given(float("-inf")), "saga.input.n is -inf: JSON has no such number"),
    Case("17 digits", given(2**53), "numbers beyond 9,007,199,254,740,991 change on their way through AWS; send it"),
    Case("half a character", given("\ud800"), "saga.input.n is '\\ud800': half a character (a lone surrogate)"),
    Case("half a character in a key", saga(input={"\udfff": 1}), "saga.input key is '\\udfff': half a character"),
    Case("65 levels", given(nested(64)), "is nested deeper than 64 levels: flatten it, or pass a pointer"),
    Case("too many bytes", given("x" * LARGEST), f"bytes, the limit is {LARGEST:,}: keep the data in S3"),
    Case("an id that is taken", another_saga, "saga id 't-1' is taken by a 'order' saga with another input"),
)
RAW: Final = (
    ("no JSON", "to be or not", "the message is not JSON (Expecting value"),
    ("half a message", json.dumps(payload("reserve"))[:-9], "the message is not JSON (Unterminated string"),
    ("nothing", "", "the message is not JSON (Expecting value"),
    ("a byte order mark", "\ufeff{}", "the message is not JSON (Unexpected UTF-8 BOM"),
    ("one key twice", '{"task": {"step": "a", "step": "b"}}', "has the key 'step' twice: which of them is meant?"),
    ("a hundred thousand levels", "[" * 100_000, "the message is not JSON (maximum recursion depth"),
    ("five thousand digits", f'{{"task": {"9" * 5_000}}}', "the message is not JSON (Exceeds the limit"),
    ("a list", "[]", "the payload is []: a JSON object belongs there"),
    ("text", '"task"', "the payload is 'task': a JSON object belongs there"),
)
"""Messages that are no command at all: what, body, error. A state machine cannot send them."""
