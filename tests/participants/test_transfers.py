"""Transfers: booked with a real HTTP provider, which may misbehave. In both styles' way in."""

from collections.abc import Iterator
from typing import Any

import pytest

from desk import Answer, Desk
from emulator.provider.moods import Behaviour, Mode
from emulator.provider.server import Provider
from participants import transfers

GIVEN = {"customer": "Ada", "transfer": {"pickup": "FRA 12:05"}}
FAILED_HERE = {"step": "goods", "outcome": "unknown", "Error": "Timeout", "Cause": ""}
AN_HOUR = 3600.0


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with Provider.start() as provider:
        monkeypatch.setenv("PROVIDER_URL", provider.url)
        monkeypatch.setenv("PROVIDER_TIMEOUT", "0.05")
        yield provider


@pytest.fixture(params=["direct", "queue"])
def desk(request: pytest.FixtureRequest, aws: None, provider: Provider) -> Desk:  # noqa: ARG001 # they must be there
    return Desk(transfers, request.param)


def book(desk: Desk, given: Any = None, **command: Any) -> Answer:
    return desk.call("book_transfer", given=given or GIVEN, **command)


def cancel(desk: Desk, **command: Any) -> Answer:
    return desk.call("cancel_transfer", "compensation", given=GIVEN, failure=FAILED_HERE, **command)


def driving(provider: Provider) -> list[str]:
    """The keys of the bookings that are not cancelled."""
    return [booking["booking"] for booking in provider.bookings() if not booking["cancelled"]]


def test_a_booking_is_the_providers_under_our_key(desk: Desk, provider: Provider) -> None:
    answer = book(desk)
    assert answer.outcome == "succeeded"
    assert answer.saga["results"]["goods"] == {"booking": "order.t-1.goods", "confirmation": "T-0001"}
    (booking,) = provider.bookings()
    assert (booking["booking"], booking["customer"], booking["pickup"]) == ("order.t-1.goods", "Ada", "FRA 12:05")


def test_no_transfer_is_a_rejection(desk: Desk, provider: Provider) -> None:
    provider.behave(Behaviour(match="Ada", mode="refuse"))
    answer = book(desk)
    assert (answer.outcome, answer.reason) == ("rejected", "no transfer at FRA 12:05")
    assert cancel(desk).outcome == "compensated"
    assert provider.bookings() == []


@pytest.mark.parametrize("mode", ["fail", "late", "slow"])
def test_any_other_failure_is_unknown(desk: Desk, provider: Provider, mode: Mode) -> None:
    provider.behave(Behaviour(match="Ada", mode=mode, seconds=AN_HOUR))
    assert book(desk).outcome == "failed"


def test_a_duplicate_books_once(desk: Desk, provider: Provider) -> None:
    assert book(desk) == book(desk)
    assert driving(provider) == ["order.t-1.goods"]


def test_cancelling_cancels_once(desk: Desk, provider: Provider) -> None:
    book(desk)
    for _ in range(2):
        assert cancel(desk).outcome == "compensated"
    assert driving(provider) == []


def test_cancelling_what_was_never_booked_succeeds_and_blocks_a_late_booking(desk: Desk, provider: Provider) -> None:
    assert cancel(desk).outcome == "compensated"
    assert book(desk).outcome == "fenced"
    assert provider.bookings() == []


def test_cancelling_leaves_the_booking_of_another_saga(desk: Desk, provider: Provider) -> None:
    book(desk, saga_id="t-1")
    book(desk, saga_id="t-2")
    cancel(desk, saga_id="t-1")
    assert driving(provider) == ["order.t-2.goods"]


def test_a_cancellation_that_fails_is_tried_again(desk: Desk, provider: Provider) -> None:
    book(desk)
    provider.behave(Behaviour(match="order.t-1", mode="fail", action="cancel"))
    assert cancel(desk).outcome == "failed"
    assert driving(provider) == ["order.t-1.goods"]


@pytest.mark.parametrize(
    ("given", "field"),
    [({}, "customer"), ({"customer": "Ada"}, "transfer"), ({**GIVEN, "transfer": {}}, "transfer.pickup")],
)
def test_an_input_that_cannot_be_booked_is_rejected(
    desk: Desk, provider: Provider, given: dict[str, Any], field: str
) -> None:
    answer = desk.call("book_transfer", given=given)
    assert answer.outcome == "rejected"
    assert answer.reason.startswith(f"input.{field} is ")
    assert provider.bookings() == []


def test_only_http_is_spoken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVIDER_URL", "file:///etc")
    assert book(desk).outcome == "failed"
