"""Flights, hotels and carriers: what is taken is booked, what is given back was taken. In both styles' way in."""

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

from harness import Answer, Desk, items
from participants import flights, hotels, shipping

FAILED_HERE = {"step": "goods", "outcome": "unknown", "Error": "Timeout", "Cause": ""}


@dataclass(frozen=True)
class Kind:
    """Words of a participant with a stock."""

    module: ModuleType
    action: str
    compensation: str
    what: str
    named_by: str
    counted_in: str
    gone: str = "is full"


KINDS = (
    Kind(flights, "book_flight", "cancel_flight", "flight", "number", "seats"),
    Kind(hotels, "book_hotel", "cancel_hotel", "hotel", "name", "rooms"),
    Kind(shipping, "assign_carrier", "withdraw_carrier", "region", "name", "parcels", "has no carrier"),
)


@dataclass
class Shelf:
    """A participant with a stock of three of `A`."""

    desk: Desk
    kind: Kind

    def book(self, saga_id: str = "t-1", *, name: str = "A", units: Any = 1, **command: Any) -> Answer:
        given = {self.kind.what: {self.kind.named_by: name, self.kind.counted_in: units}}
        return self.desk.call(self.kind.action, saga_id=saga_id, given=given, **command)

    def cancel(self, saga_id: str = "t-1", *, name: str = "A", units: Any = 1, **command: Any) -> Answer:
        given = {self.kind.what: {self.kind.named_by: name, self.kind.counted_in: units}}
        command.setdefault("failure", FAILED_HERE)
        return self.desk.call(self.kind.compensation, "compensation", saga_id=saga_id, given=given, **command)

    @property
    def left(self) -> int:
        return int(items()[f"{self.kind.what.upper()}#A"][self.kind.counted_in])

    @property
    def booked(self) -> dict[str, int]:
        """Who holds how many."""
        rows = items().items()
        return {row["saga"]: int(row[self.kind.counted_in]) for key, row in rows if key.startswith("BOOKING#")}


@pytest.fixture(params=KINDS, ids=lambda kind: kind.what)
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param


@pytest.fixture(params=["direct", "queue"])
def shelf(request: pytest.FixtureRequest, kind: Kind, aws: None) -> Shelf:  # noqa: ARG001 # it must be there
    shelf = Shelf(Desk(kind.module, request.param), kind)
    shelf.desk.stock(f"{kind.what.upper()}#A", **{kind.counted_in: 3})
    return shelf


def test_a_booking_takes_from_the_stock_and_says_what_it_took(shelf: Shelf) -> None:
    answer = shelf.book(units=2)
    assert answer.outcome == "succeeded"
    taken = {"booking": "order.t-1.goods", shelf.kind.what: "A", shelf.kind.counted_in: 2}
    assert answer.saga["results"] == {"goods": taken}
    assert (shelf.left, shelf.booked) == (1, {"t-1": 2})


def test_one_is_booked_when_the_input_does_not_say_how_many(shelf: Shelf) -> None:
    given = {shelf.kind.what: {shelf.kind.named_by: "A"}}
    assert shelf.desk.call(shelf.kind.action, given=given).outcome == "succeeded"
    assert shelf.left == 2


def test_more_than_is_left_is_rejected_and_undoing_that_adds_nothing(shelf: Shelf) -> None:
    answer = shelf.book(units=4)
    assert (answer.outcome, answer.reason) == ("rejected", f"{shelf.kind.what} A {shelf.kind.gone}")
    assert shelf.cancel(units=4).outcome == "compensated"
    assert (shelf.left, shelf.booked) == (3, {})


def test_what_does_not_exist_is_full(shelf: Shelf) -> None:
    answer = shelf.book(name="B")
    assert (answer.outcome, answer.reason) == ("rejected", f"{shelf.kind.what} B {shelf.kind.gone}")


def test_a_rejection_stays_one_when_there_is_enough_later(shelf: Shelf) -> None:
    shelf.book(units=4, first=True)
    shelf.desk.stock(f"{shelf.kind.what.upper()}#A", **{shelf.kind.counted_in: 9})
    assert shelf.book(units=4, first=True).outcome == "rejected"
    assert (shelf.left, shelf.booked) == (9, {})


def test_of_two_sagas_for_the_last_one_gets_it(shelf: Shelf) -> None:
    shelf.book("t-1", units=2)
    assert [shelf.book("t-2").outcome, shelf.book("t-3").outcome] == ["succeeded", "rejected"]
    assert (shelf.left, shelf.booked) == (0, {"t-1": 2, "t-2": 1})


def test_a_duplicate_of_the_last_booking_is_not_taken_for_full(shelf: Shelf) -> None:
    first = shelf.book(units=3)
    assert shelf.book(units=3) == first
    assert (shelf.left, shelf.booked) == (0, {"t-1": 3})


def test_a_duplicate_with_another_input_changes_nothing(shelf: Shelf) -> None:
    shelf.book(first=True)
    assert shelf.book(units=2, first=True).outcome == "failed"
    assert shelf.cancel(units=2).outcome == "failed"
    assert (shelf.left, shelf.booked) == (2, {"t-1": 1})


def test_cancelling_gives_back_what_was_taken_once(shelf: Shelf) -> None:
    results = shelf.book(units=2, first=True).saga["results"]
    for _ in range(2):
        assert shelf.cancel(units=2, results=results).outcome == "compensated"
    assert (shelf.left, shelf.booked) == (3, {})


def test_cancelling_finds_a_booking_without_a_response(shelf: Shelf) -> None:
    shelf.book(units=2)
    assert shelf.cancel(units=2).outcome == "compensated"
    assert (shelf.left, shelf.booked) == (3, {})


def test_cancelling_what_was_never_booked_adds_nothing_and_blocks_a_late_booking(shelf: Shelf) -> None:
    assert shelf.cancel().outcome == "compensated"
    assert shelf.book().outcome == "fenced"
    assert (shelf.left, shelf.booked) == (3, {})


def test_cancelling_one_sagas_booking_leaves_anothers(shelf: Shelf) -> None:
    shelf.book("t-1", units=2)
    shelf.book("t-2", units=1)
    shelf.cancel("t-1", units=2)
    assert (shelf.left, shelf.booked) == (2, {"t-2": 1})


@pytest.mark.parametrize(("part", "field"), [({"units": 0}, "counted_in"), ({"name": ""}, "named_by")])
def test_an_input_that_cannot_be_booked_is_rejected(shelf: Shelf, part: dict[str, Any], field: str) -> None:
    answer = shelf.book(**part)
    assert answer.outcome == "rejected"
    assert answer.reason.startswith(f"input.{shelf.kind.what}.{getattr(shelf.kind, field)} is ")
    assert (shelf.left, shelf.booked) == (3, {})
