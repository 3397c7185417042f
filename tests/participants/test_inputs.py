"""What a participant reads from a saga's input, and how it says no."""

from typing import Any

import pytest

from participants import inputs
from saga_runtime import Rejected
from saga_runtime.envelope import parse
from shop import payload


@pytest.mark.parametrize("value", [1, 2, 999])
def test_a_whole_number_can_be_counted(value: int) -> None:
    assert inputs.count(value, "flight.seats") == value


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "2", None, 1_000, 10**38, float("nan")])
def test_what_cannot_be_counted_is_rejected_with_the_rule(value: Any) -> None:
    with pytest.raises(Rejected, match=r"^input\.flight\.seats is .*: a whole number from 1 to 999 belongs there$"):
        inputs.count(value, "flight.seats")


@pytest.mark.parametrize("value", ["LH1", "x" * 64])
def test_text_can_be_a_name(value: str) -> None:
    assert inputs.text(value, "flight.number") == value


@pytest.mark.parametrize("value", ["", "x" * 65, 7, None, ["LH1"]])
def test_what_cannot_be_a_name_is_rejected_with_the_rule(value: Any) -> None:
    with pytest.raises(Rejected, match=r"^input\.flight\.number is .*: text of 1 to 64 characters belongs there$"):
        inputs.text(value, "flight.number")


@pytest.mark.parametrize("given", [{}, {"flight": None}, {"flight": ["LH1"]}, {"flight": "LH1"}])
def test_a_part_that_is_no_object_is_rejected(given: dict[str, Any]) -> None:
    with pytest.raises(Rejected, match=r"^input\.flight is .*: an object belongs there$"):
        inputs.wanted(parse(payload("book_flight", given=given)), "flight")


def test_objects_of_a_list_are_called_by_their_places() -> None:
    command = parse(payload("reserve", given={"lines": [{"article": "mug"}, {}]}))
    assert inputs.several(command, "lines", most=2) == {"lines[0]": {"article": "mug"}, "lines[1]": {}}


@pytest.mark.parametrize("value", [None, [], {}, "mug", [{}, {}, {}]])
def test_a_list_that_is_none_or_has_the_wrong_length_is_rejected(value: Any) -> None:
    with pytest.raises(Rejected, match=r"^input\.lines is .*: a list of 1 to 2 objects belongs there$"):
        inputs.several(parse(payload("reserve", given={"lines": value})), "lines", most=2)


def test_a_part_of_a_list_that_is_no_object_is_rejected_by_its_place() -> None:
    with pytest.raises(Rejected, match=r"^input\.lines\[1\] is 7: an object belongs there$"):
        inputs.several(parse(payload("reserve", given={"lines": [{}, 7]})), "lines", most=2)
