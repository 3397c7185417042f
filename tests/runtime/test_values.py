"""What a handler returns and writes: JSON and DynamoDB keep it, or it is refused by name."""

import json
from collections.abc import Callable
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from cdk_saga.testing.services.doubles import passed_on
from saga_runtime import BadCommand
from saga_runtime.errors import BadResult
from saga_runtime.plain import result_json
from saga_runtime.values import canonical, checked, fingerprint, size_of
from saga_runtime.writes import BadWrite, Writes
from shop import payload
from world import World


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=20))
def test_whatever_is_accepted_survives_the_way_through_json(value: Any) -> None:
    try:
        travels, size = checked(value, "value", BadCommand)
    except BadCommand:
        return
    assert json.loads(canonical(travels)) == value
    assert size == len(canonical(travels).encode())


@given(st.recursive(st.integers() | st.floats() | st.text(), st.lists, max_leaves=20))
def test_what_is_accepted_is_the_same_when_aws_has_passed_it_on(value: Any) -> None:
    try:
        travels, _ = checked(value, "value", BadCommand)
    except BadCommand:
        return
    assert canonical(passed_on(travels)) == canonical(travels)
    assert fingerprint(passed_on(value)) == fingerprint(value) == fingerprint(travels)


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_refused_that_a_double_does_not_keep(number: float) -> None:
    kept = abs(number) < 2**53
    try:
        checked(number, "value", BadCommand)
    except BadCommand as refused:
        assert not kept
        assert "send it as text" in str(refused)  # noqa: PT017 # both ways are right
    else:
        assert kept


def test_a_float_without_a_fraction_is_a_whole_number() -> None:
    travels, _ = checked({"price": 25.0, "all": [-0.0, 1.5]}, "value", BadCommand)
    assert canonical(travels) == '{"all":[0,1.5],"price":25}'


def test_sizes_are_bytes_of_utf_8() -> None:
    assert size_of("caf\u00e9 \U0001f680") == len('"caf\u00e9 \U0001f680"'.encode()) == 12


def test_decimals_and_datetimes_of_a_result_become_json() -> None:
    when = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)  # noqa: UP017 # as people write it
    result = result_json({"price": Decimal("10.50"), "pieces": Decimal(3), "at": when}, "result", BadResult)
    assert result == {"price": 10.5, "pieces": 3, "at": "2026-11-22T12:00:00+00:00"}


def nested(levels: int) -> Any:
    return [nested(levels - 1)] if levels else 1


@pytest.mark.parametrize("value", [nested(64), nested(2) * 40, 2**53 - 1, "\U0001f680", "\\ud800", "1" * 39, 0.1, {}])
def test_what_only_looks_too_deep_or_too_long_is_accepted_and_its_size_told(value: Any) -> None:
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    assert checked(value, "value", BadCommand) == (value, len(text.encode()))


@pytest.mark.parametrize("value", [nested(65), 2**53, -(2**53), 1e300, [1, "\ud83d"], float("nan")])
def test_what_cannot_be_stored_is_refused_however_short_it_is(value: Any) -> None:
    with pytest.raises(BadCommand, match="value"):
        checked(value, "value", BadCommand)


UNSAYABLE: list[tuple[Any, str]] = [
    (
        Decimal("0.1234567890123456789"),
        "result.x is Decimal('0.1234567890123456789'), which a JSON number does not keep",
    ),
    (Decimal("NaN"), "result.x is Decimal('NaN')"),
    (datetime(2026, 11, 22), "a datetime without a time zone"),  # noqa: DTZ001 # the point
    ({1}, "result.x is a set"),
    (date(2026, 11, 22), "result.x is a date (datetime.date(2026, 11, 22)), which JSON cannot say: pass its .iso"),
    ({1: 2}, "result.x has the key 1: JSON keys are text"),
    (b"x", "result.x is a bytes"),
]


@pytest.mark.parametrize(("value", "text"), UNSAYABLE)
def test_what_json_cannot_say_is_refused_by_name(value: Any, text: str) -> None:
    with pytest.raises(BadResult) as caught:
        result_json({"x": value}, "result", BadResult)
    assert text in str(caught.value)


@pytest.mark.parametrize("answer", [{"x": {1, 2}}, [1]])
def test_a_result_that_cannot_travel_is_refused_before_anything_is_committed(world: World, answer: Any) -> None:
    world.shop.answer = answer
    with pytest.raises(BadResult):
        world.call(payload("reserve", first=True))
    assert (world.requests, world.step(), world.stock()) == (["UpdateItem"], "TRIED", 5)


def test_a_float_is_written_as_people_read_it() -> None:
    writes = Writes()
    writes.put("t", {"pk": "a", "price": 0.1})
    assert writes.entries[0]["Put"]["Item"]["price"] == {"N": "0.1"}


@pytest.mark.parametrize(
    "value", ["", "text", "é\0", 0, -7, 10**37, 1 - 10**38, True, None, b"x", [1], {"a": 1}, {1, 2}]
)
def test_a_value_is_written_as_boto3_would(value: Any) -> None:
    writes = Writes()
    writes.put("t", {"pk": "a", "is": value})
    assert writes.entries[0]["Put"]["Item"]["is"] == TypeSerializer().serialize(value)


@pytest.mark.parametrize("value", [10**38 + 1, Decimal("0." + "1" * 39), float("inf"), object()])
def test_a_value_that_dynamodb_cannot_hold_is_refused_by_name(value: Any) -> None:
    with pytest.raises(BadWrite, match=r"item\.price is .*numbers of at most 38 digits"):
        Writes().put("t", {"pk": "a", "price": value})


def test_more_writes_than_a_transaction_holds_are_refused() -> None:
    writes = Writes()
    for n in range(98):
        writes.put("t", {"pk": str(n)})
    with pytest.raises(BadWrite, match="at most 98 writes"):
        writes.delete("t", {"pk": "98"})


ITEM = {"pk": "mug", "sk": "1", "n": 1}
TWICE: dict[str, tuple[Callable[[Writes], None], Callable[[Writes], None]]] = {
    "two updates": (
        lambda writes: writes.update("t", {"pk": "mug"}, "ADD n :one", values={":one": 1}),
        lambda writes: writes.update("t", {"pk": "mug"}, "ADD n :one", values={":one": 1}),
    ),
    "a put and a check": (
        lambda writes: writes.put("t", {"id": 7, "of": "mug"}),
        lambda writes: writes.check("t", {"id": 7.0}, condition="n = :one", values={":one": 1}),
    ),
    "a delete and a put": (
        lambda writes: writes.delete("t", {"pk": "mug", "sk": "1"}),
        lambda writes: writes.put("t", ITEM),
    ),
    "two puts": (lambda writes: writes.put("t", ITEM), lambda writes: writes.put("t", {**ITEM, "n": 2})),
}


@pytest.mark.parametrize(("first", "second"), TWICE.values(), ids=TWICE)
def test_one_item_twice_is_found_where_it_is_written(
    first: Callable[[Writes], None], second: Callable[[Writes], None]
) -> None:
    writes = Writes()
    writes.put("t", {"pk": "cup", "sk": "1"})
    first(writes)
    with pytest.raises(
        BadWrite, match=r"write 3, the \w+ in 't' \(.*\), is of the same item as write 2, the \w+ in 't'"
    ):
        second(writes)


def test_other_items_and_tables_are_no_matter() -> None:
    writes = Writes()
    writes.put("t", ITEM)
    writes.put("u", ITEM)
    writes.put("t", {**ITEM, "sk": "2"})
    writes.delete("t", {"pk": "mug", "sk": "3"})
    writes.put("t", {"id": "x"})
    writes.put("t", {"id": "y"})
    assert len(writes.entries) == 6
