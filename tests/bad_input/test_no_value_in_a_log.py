"""A customer's value stands in no log, whichever way a command, an order or a result is wrong."""

import contextlib
import copy
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import pytest

from bad_input.cases import LADDER
from bad_input.shops import Inbox, record
from recovery_fixture import set_variables
from saga_runtime import Command, Participant, Pending, Writes, telemetry
from saga_runtime.recovery import Recovery
from shop import TABLE, Context, payload
from world import World

MARKER: Final = "4111 1111 1111 1111"
"""No word of a saga, a step or a handler, so that it is no identifier anywhere."""
VALUES: Final[tuple[Any, ...]] = (MARKER, {MARKER: MARKER}, [MARKER], {"x": {MARKER: float("nan")}}, {MARKER: "\ud800"})
WHOLE: Final = payload("charge", step="money", first=True, given={"n": 1}, retry=LADDER, ends={}, fences=["a"])
FIELDS: Final = [
    (),
    *((half,) for half in WHOLE),
    *((half, name) for half in WHOLE for name in WHOLE[half]),
    ("saga", "input", "n"),
]
STEPS: Final = {"goods": ["reserve", "release"], "money": ["charge", "refund"]}


@pytest.fixture
def logs(world: World, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What all loggers write, with Lambda's own line for an error that a function ends with."""
    del world, inbox  # are in place
    set_variables(monkeypatch, STEPS, "money")
    stream, handler = io.StringIO(), telemetry.logger().registered_handler
    before: Any = handler.setStream(stream)  # type: ignore[attr-defined]
    yield stream
    handler.setStream(before)  # type: ignore[attr-defined]


def ends(logs: io.StringIO, function: Any, event: Any) -> None:
    """Call a Lambda function; its error is logged as Lambda does, with what led to it."""
    try:
        function(event, Context())
    except Exception as error:  # noqa: BLE001 # as Lambda does
        while error is not None:
            logs.write(f"{type(error).__name__}: {error}\n")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def changed(path: tuple[str, ...], value: Any) -> Any:
    command: Any = copy.deepcopy(WHOLE)
    if not path:
        return value
    at = command
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = value
    return command


@pytest.mark.parametrize("path", FIELDS, ids=".".join)
def test_whatever_is_wrong_with_a_command_its_value_is_in_no_log(
    path: tuple[str, ...], world: World, inbox: Inbox, logs: io.StringIO
) -> None:
    recovery = Recovery(world.services).handler
    for value in VALUES:
        body = changed(path, value)
        if isinstance(body, dict):
            with contextlib.suppress(TypeError):
                ends(logs, world.participant.handler, body)
        text = json.dumps(body)
        for function in (world.participant.handler, recovery):
            with contextlib.suppress(Exception):
                inbox.deliver(body)
            ends(logs, function, {"Records": [{**record(body), "eventSource": "aws:sqs"}]})
        ends(logs, recovery, {"operation": "redrive", "body": text})
        ends(logs, recovery, {"operation": value, "id": value})
        ends(logs, recovery, {"operation": "complete", "id": "t-1", "step": "money", "result": value})
        ends(logs, recovery, {"operation": "reject", "id": "t-1", "step": "money", "reason": value})
        ends(logs, recovery, {"detail": value})
    assert logs.getvalue()
    assert [line for line in logs.getvalue().splitlines() if MARKER in line] == []


@pytest.mark.parametrize("body", [MARKER, f'{{"{MARKER}": 1, "{MARKER}": 2}}', f'{{"a": "{MARKER}"', f'["{MARKER}"]'])
def test_a_message_that_is_no_command_is_in_no_log(body: str, world: World, inbox: Inbox, logs: io.StringIO) -> None:
    inbox.deliver(body)
    inbox.recovery(body)
    ends(logs, Recovery(world.services).handler, {"operation": "redrive", "body": body})
    assert logs.getvalue()
    assert MARKER not in logs.getvalue()
    assert inbox.parked[0][0] == body, "it is in the dead letter"


@pytest.mark.parametrize(
    "result",
    [
        {MARKER: object()},
        {"x": {MARKER: MARKER.encode()}},
        {"x": Decimal("4111111111111111.00000000000001")},
        [MARKER],
        Pending({"x": MARKER}),
        {1: MARKER},
        {"x": {MARKER: float("nan")}},
    ],
    ids=["object", "bytes", "digits", "list", "pending", "key", "nan"],
)
def test_a_result_that_cannot_travel_is_in_no_log(
    result: Any, world: World, logs: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.shop, "answer", result)
    ends(logs, world.participant.handler, payload("reserve", first=True, saga_id="t-77", retry=LADDER))
    assert logs.getvalue()
    assert [line for line in logs.getvalue().splitlines() if MARKER in line or "4111111111111111" in line] == []


def test_an_item_that_is_written_twice_is_in_no_log(world: World, logs: io.StringIO) -> None:
    writer = Participant("writer", world.participant.services)

    @writer.action
    def reserve(command: Command, writes: Writes) -> None:
        del command
        for _ in range(2):
            writes.put(TABLE, {"pk": MARKER, "name": MARKER})

    @reserve.compensation
    def release(command: Command, writes: Writes) -> None:
        del command, writes

    ends(logs, writer.handler, payload("reserve", first=True, saga_id="t-77", retry=LADDER))
    assert "write 2, the Put in 'shop', is of the same item as write 1" in logs.getvalue()
    assert MARKER not in logs.getvalue()
