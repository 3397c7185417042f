"""Approvals: a trip within the limit needs nobody, above it it waits, far above it is rejected. In both ways in."""

from typing import Any

import pytest

from harness import Answer, Desk, items
from participants import approvals

FAILED_HERE = {"step": "goods", "outcome": "unknown", "Error": "Timeout", "Cause": ""}
KEY = "order.t-1.goods"
REQUEST = {"saga": "t-1", "customer": "Ada", "cents": 90_000}


@pytest.fixture(params=["direct", "queue"])
def desk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, aws: None) -> Desk:  # noqa: ARG001 # it must be there
    monkeypatch.setenv("LIMIT", "50000")
    return Desk(approvals, request.param)


def ask(desk: Desk, cents: object, **given: Any) -> Answer:
    asked = {"customer": "Ada", "trip": {"cents": cents}, **given}
    return desk.call("ask_approval", given=asked, callback_timeout=3600, first=True)


def withdraw(desk: Desk, cents: int) -> Answer:
    given = {"customer": "Ada", "trip": {"cents": cents}}
    return desk.call("withdraw_request", "compensation", given=given, failure=FAILED_HERE)


@pytest.mark.parametrize("cents", [1, 50_000])
def test_up_to_the_limit_nobody_is_asked(desk: Desk, cents: int) -> None:
    answer = ask(desk, cents)
    assert answer.saga["results"] == {"goods": {"request": KEY, "cents": cents, "by": "the rules"}}
    assert items() == {f"REQUEST#{KEY}": {**REQUEST, "cents": cents}}


@pytest.mark.parametrize("cents", [50_001, 1_000_000])
def test_above_the_limit_somebody_is_asked_once(desk: Desk, cents: int) -> None:
    for _ in range(2):
        assert ask(desk, cents).saga == {}
    assert items() == {f"REQUEST#{KEY}": {**REQUEST, "cents": cents}}


def test_what_nobody_may_approve_is_rejected_and_nobody_is_asked(desk: Desk) -> None:
    assert ask(desk, 1_000_001).reason == "a trip of 1,000,001 cents: the most that may be approved is 1,000,000"
    assert items() == {}


@pytest.mark.parametrize("cents", [0, -1, 1.5, "90000", None, True])
def test_a_price_that_is_none_is_rejected_by_name(desk: Desk, cents: object) -> None:
    assert ask(desk, cents).reason.startswith(f"input.trip.cents is {cents!r}: a whole number")
    assert items() == {}


def test_a_request_can_be_withdrawn_while_it_waits_and_twice(desk: Desk) -> None:
    ask(desk, 90_000)
    for _ in range(2):
        assert withdraw(desk, 90_000).outcome == "compensated"
    assert items() == {}


def test_withdrawing_what_was_never_asked_blocks_a_late_request(desk: Desk) -> None:
    assert withdraw(desk, 90_000).outcome == "compensated"
    assert ask(desk, 90_000).outcome == "fenced"
    assert items() == {}
