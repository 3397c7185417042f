"""The warehouse: the lines of an order are reserved all together or not at all. In both styles' way in."""

from typing import Any

import pytest

from harness import Answer, Desk, items
from participants import warehouse

FAILED_HERE = {"step": "goods", "outcome": "unknown", "Error": "Timeout", "Cause": ""}
Lines = list[dict[str, Any]]
ORDERED: Lines = [{"article": "mug", "pieces": 2}, {"article": "pen", "pieces": 1}, {"article": "lamp"}]
TAKEN: Lines = [*ORDERED[:2], {"article": "lamp", "pieces": 1}]
FULL = {"mug": 3, "pen": 3, "lamp": 3}


@pytest.fixture(params=["direct", "queue"])
def desk(request: pytest.FixtureRequest, aws: None) -> Desk:  # noqa: ARG001 # it must be there
    desk = Desk(warehouse, request.param)
    for article, pieces in FULL.items():
        desk.stock(f"ARTICLE#{article}", pieces=pieces)
    return desk


def reserve(desk: Desk, lines: Lines = ORDERED, **command: Any) -> Answer:
    return desk.call("reserve", given={"lines": lines}, **command)


def release(desk: Desk, lines: Lines = ORDERED, **command: Any) -> Answer:
    return desk.call("release", "compensation", given={"lines": lines}, failure=FAILED_HERE, **command)


def left() -> dict[str, int]:
    return {key[8:]: int(row["pieces"]) for key, row in items().items() if key.startswith("ARTICLE#")}


def booked() -> list[str]:
    return [row["saga"] for key, row in items().items() if key.startswith("BOOKING#")]


def test_every_line_is_taken_and_said(desk: Desk) -> None:
    answer = reserve(desk)
    assert answer.saga["results"] == {"goods": {"booking": "order.t-1.goods", "lines": TAKEN}}
    assert (left(), booked()) == ({"mug": 1, "pen": 2, "lamp": 2}, ["t-1"])


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_line_out_of_stock_is_named_and_nothing_is_taken(desk: Desk, number: int) -> None:
    lines = [{**line, "pieces": 4} if i == number else line for i, line in enumerate(ORDERED, start=1)]
    answer = reserve(desk, lines)
    assert answer.reason == f"line {number}: article {ORDERED[number - 1]['article']} is out of stock"
    assert release(desk, lines).outcome == "compensated"
    assert (left(), booked()) == (FULL, [])


def test_a_duplicate_takes_nothing_twice(desk: Desk) -> None:
    assert reserve(desk) == reserve(desk)
    assert left() == {"mug": 1, "pen": 2, "lamp": 2}


def test_releasing_puts_every_line_back_once(desk: Desk) -> None:
    results = reserve(desk, first=True).saga["results"]
    for _ in range(2):
        assert release(desk, results=results).outcome == "compensated"
    assert (left(), booked()) == (FULL, [])


def test_releasing_finds_a_reservation_without_a_response(desk: Desk) -> None:
    reserve(desk)
    assert release(desk).outcome == "compensated"
    assert (left(), booked()) == (FULL, [])


def test_releasing_what_was_never_reserved_blocks_a_late_reservation(desk: Desk) -> None:
    assert release(desk).outcome == "compensated"
    assert reserve(desk).outcome == "fenced"
    assert (left(), booked()) == (FULL, [])


def test_two_lines_of_one_article_are_rejected(desk: Desk) -> None:
    answer = reserve(desk, [*ORDERED, {"article": "mug"}])
    assert answer.reason == "line 4: article mug has a line already: put all pieces into one"
    assert left() == FULL


def test_as_many_lines_as_a_transaction_holds_can_be_reserved(desk: Desk) -> None:
    lines: Lines = [{"article": f"a{i}"} for i in range(warehouse.MAX_LINES)]
    for line in lines:
        desk.stock(f"ARTICLE#{line['article']}", pieces=1)
    assert reserve(desk, lines, first=True).outcome == "succeeded"
    assert reserve(desk, [*lines, {"article": "mug"}], saga_id="t-2").reason.endswith("1 to 97 objects belongs there")


@pytest.mark.parametrize(
    ("line", "field"), [({}, "article"), ({"article": "cup", "pieces": 0}, "pieces"), ({"article": ""}, "article")]
)
def test_a_line_that_cannot_be_reserved_is_rejected_by_its_place(desk: Desk, line: dict[str, Any], field: str) -> None:
    answer = reserve(desk, [ORDERED[0], line])
    assert answer.reason.startswith(f"input.lines[1].{field} is ")
    assert left() == FULL


PRICED: Lines = [{"article": "mug", "pieces": 2, "cents": 500}]


def test_what_costs_what_the_customer_saw_is_reserved(desk: Desk) -> None:
    desk.stock("ARTICLE#mug", pieces=3, cents=500)
    assert reserve(desk, PRICED).saga["results"]["goods"]["lines"] == PRICED
    assert left()["mug"] == 1


def test_a_price_that_has_changed_meanwhile_is_not_taken_for_the_old_one(desk: Desk) -> None:
    """The fuzzy read: who only counts pieces sells at a price that is none any more."""
    desk.stock("ARTICLE#mug", pieces=3, cents=700)
    unpriced = [{"article": "mug", "pieces": 1}]
    assert reserve(desk, unpriced, saga_id="t-2").outcome == "succeeded"
    answer = reserve(desk, PRICED)
    assert (answer.outcome, answer.reason) == (
        "rejected",
        "line 1: article mug is out of stock, or no longer costs 500 cents",
    )
    assert left()["mug"] == 2


def test_a_price_that_changes_later_changes_nothing_that_was_reserved(desk: Desk) -> None:
    desk.stock("ARTICLE#mug", pieces=3, cents=500)
    first = reserve(desk, PRICED)
    desk.stock("ARTICLE#mug", pieces=1, cents=700)
    assert reserve(desk, PRICED) == first
    assert release(desk, PRICED).outcome == "compensated"
    assert left()["mug"] == 3


@pytest.mark.parametrize("cents", [0, -1, "500", None, 1_000_001])
def test_a_price_that_is_none_is_rejected_by_its_place(desk: Desk, cents: Any) -> None:
    answer = reserve(desk, [{"article": "mug", "cents": cents}])
    assert answer.reason.startswith("input.lines[0].cents is ")
