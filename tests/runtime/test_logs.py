"""Logs: who, what, which attempt and how it went, in every line; never what the customer sent."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from saga_runtime import Rejected, SagaFenced, telemetry
from shop import payload
from world import World

SECRET = {"card": "4242"}
Lines = list[dict[str, Any]]


class Log:
    """What the logger wrote."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> Lines:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def log(world: World) -> Iterator[Log]:
    assert world.requests == []
    log, handler = Log(), telemetry.logger().registered_handler
    before: Any = handler.setStream(log.stream)  # type: ignore[attr-defined]
    yield log
    handler.setStream(before)  # type: ignore[attr-defined]


def about(line: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(line[field] for field in ("saga", "saga_id", "step", "operation", "attempt", "outcome"))


def test_a_success_says_who_did_what(world: World, log: Log) -> None:
    world.call({**payload("reserve", first=True, given=SECRET), "attempt": 2})
    (line,) = log.lines
    assert about(line) == ("order", "t-1", "goods", "action", 1, "succeeded")


@pytest.mark.parametrize(
    ("error", "outcome"), [(Rejected("sold out"), "rejected"), (RuntimeError("broken"), "unknown")]
)
def test_a_failure_says_why(world: World, log: Log, error: Exception, outcome: str) -> None:
    world.shop.raises = error
    with pytest.raises(type(error)):
        world.call(payload("reserve", first=True, given=SECRET))
    line = log.lines[-1]
    assert about(line) == ("order", "t-1", "goods", "action", 1, outcome)
    assert str(error) in json.dumps(line)


def test_a_late_action_is_logged_as_fenced(world: World, log: Log) -> None:
    world.call(payload("release", "compensation"))
    with pytest.raises(SagaFenced):
        world.call(payload("reserve", first=True))
    assert [about(line)[3:] for line in log.lines] == [
        ("compensation", 1, "compensated"),
        ("action", 1, "fenced"),
    ]


def test_an_ending_is_logged_with_how_long_it_took(world: World, log: Log) -> None:
    world.call(payload("reserve", first=True, ends={"succeeded": "COMPLETED"}))
    assert (log.lines[-1]["ending"], log.lines[-1]["seconds"]) == ("COMPLETED", world.clock[0] - 1_000_000)


def test_what_the_customer_sent_stays_out_of_the_logs(world: World, log: Log) -> None:
    world.call(payload("reserve", first=True, given=SECRET, ends={"succeeded": "COMPLETED"}))
    assert log.lines
    assert "4242" not in log.text
