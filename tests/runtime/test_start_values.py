"""What a Python caller has at hand, given to ``start`` or ``complete``: it travels unchanged, or nothing is sent."""

import dataclasses
import datetime as dt
import decimal
import enum
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest

from saga_runtime import BadCommand, InputMismatch
from saga_runtime.client import Target, complete, has_begun, start
from saga_runtime.services import Services
from shop import payload
from world import World

Json = dict[str, Any]
STYLES = ("orchestrated", "choreographed")


@dataclasses.dataclass
class Order:
    """A dataclass, as people have them."""

    cents: int = 1


class Colour(enum.StrEnum):
    """An enumeration of texts."""

    RED = "red"


class Size(enum.Enum):
    """One of something else."""

    SMALL = "s"


@dataclass
class Wire:
    """All of AWS, which notes what it is sent."""

    sent: list[Json] = field(default_factory=list[Json])

    def put_events(self, **request: Any) -> Json:
        self.sent.append(json.loads(request["Entries"][0]["Detail"]))
        return {"FailedEntryCount": 0}

    def start_execution(self, **request: Any) -> None:
        self.sent.append(json.loads(request["input"]))

    def invoke(self, **request: Any) -> None:
        self.sent.append(json.loads(request["Payload"]))

    def services(self) -> Services:
        return Services(now=lambda: 1_800_000_000.0, client=lambda _: self)


def target(style: str) -> Target:
    return Target(
        name="order", version="v1", style=style, where="arn:aws:states:r:1:stateMachine:m:live", ledger="ledger"
    )


REFUSED: dict[str, tuple[Any, str]] = {
    "None": (None, "saga.input is None: a JSON object belongs there"),
    "a list": ([1], "saga.input is [1]: a JSON object belongs there"),
    "JSON text": ('{"a": 1}', "a JSON object belongs there"),
    "a dataclass": (Order(), "pass dataclasses.asdict(...)"),
    "a dataclass inside": ({"x": Order()}, "saga.input.x is a Order (Order(cents=1)), which JSON cannot say"),
    "a Decimal": ({"x": decimal.Decimal("19.99")}, "saga.input.x is a Decimal (Decimal('19.99'))"),
    "a UUID": ({"x": uuid.UUID(int=1)}, "which JSON cannot say: pass str(...)"),
    "a date": ({"x": dt.date(2026, 11, 29)}, "which JSON cannot say: pass its .isoformat()"),
    "a time with a zone": ({"x": dt.datetime(2026, 11, 29, tzinfo=dt.UTC)}, "pass its .isoformat()"),
    "a duration": ({"x": dt.timedelta(hours=1)}, "pass its seconds"),
    "a set": ({"x": {"a"}}, "pass a list"),
    "bytes": ({"x": b"x"}, "pass text, e.g. of base64"),
    "an enumeration": ({"x": Size.SMALL}, "pass its value"),
    "a key that is a number": ({"x": {1: "a"}}, "saga.input.x has the key 1: JSON keys are text"),
    "no key": ({"x": [{None: "a"}]}, "saga.input.x[0] has the key None: JSON keys are text"),
    "an object": ({"x": object()}, "pass text or a dict"),
    "not a number": ({"x": float("nan")}, "saga.input.x is nan: JSON has no such number"),
    "a number too large": ({"x": 2**53}, "saga.input.x is 9007199254740992: numbers beyond"),
    "half a character": ({"x": "\ud800"}, "half a character"),
    "too deep": ({"x": json.loads("[" * 70 + "]" * 70)}, "is nested deeper than 64 levels"),
    "too large": ({"x": "x" * 300_000}, "bytes, the limit is 221,184: keep the data in S3"),
}


def endless() -> Json:
    value: Json = {}
    value["x"] = [value]
    return value


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("value", "text"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_travel_is_refused_and_nothing_is_sent(style: str, value: Any, text: str) -> None:
    wire = Wire()
    with pytest.raises(BadCommand) as refused:
        start(target(style), "t-1", value, services=wire.services())
    assert text in str(refused.value)
    assert wire.sent == []


@pytest.mark.parametrize("style", STYLES)
def test_a_value_that_contains_itself_is_refused(style: str) -> None:
    with pytest.raises(BadCommand, match=r"saga\.input is nested without end"):
        start(target(style), "t-1", endless(), services=Wire().services())


@pytest.mark.parametrize("style", STYLES)
def test_what_json_says_otherwise_is_sent_as_json_says_it(style: str) -> None:
    wire = Wire()
    start(target(style), "t-1", {"n": 25.0, "pair": (1, 2), "colour": Colour.RED, "é": True}, services=wire.services())
    assert wire.sent[0]["input"] == {"n": 25, "pair": [1, 2], "colour": "red", "é": True}
    assert isinstance(wire.sent[0]["input"]["n"], int)


@pytest.mark.parametrize(("value", "text"), [([1], "the result is [1]"), ({"x": 2**60}, "the result.x is 1152921504")])
def test_an_answer_is_checked_before_it_is_sent(value: Any, text: str) -> None:
    wire = Wire()
    with pytest.raises(BadCommand) as refused:
        complete(target("orchestrated"), "order.t-1.a", value, services=wire.services())
    assert text in str(refused.value)
    assert wire.sent == []


@pytest.mark.parametrize("style", STYLES)
def test_the_caller_can_ask_whether_its_saga_has_begun(world: World, style: str) -> None:
    assert not has_begun(target(style), "t-1", {"n": 1}, services=world.services)
    world.call(payload("reserve", first=True))
    world.requests.clear()
    assert has_begun(target(style), "t-1", {"n": 1.0}, services=world.services)
    assert world.requests == ["Query"]
    with pytest.raises(InputMismatch, match="saga id 't-1' has been started with another input"):
        has_begun(target(style), "t-1", {"n": 2}, services=world.services)
