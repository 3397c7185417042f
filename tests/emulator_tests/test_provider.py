"""The external providers, over HTTP."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest

from emulator.provider.modes import Behaviour
from emulator.provider.server import Provider
from emulator.waiting import wait_until

ADA = {"customer": "Ada", "pickup": "2027-03-01T09:00"}
KEY = "trip%23trip-1%23transfer"


@pytest.fixture(name="provider")
def running_provider() -> Iterator[Provider]:
    with Provider.start() as provider:
        yield provider


def call(provider: Provider, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    connection = HTTPConnection(provider.url.removeprefix("http://"), timeout=30)
    with closing(connection):
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")


def test_the_same_key_books_once_and_answers_the_same(provider: Provider) -> None:
    first, again = (call(provider, "PUT", f"/bookings/{KEY}", ADA) for _ in range(2))

    assert first == (201, {"key": "trip#trip-1#transfer", "confirmation": "T-0001"})
    assert again == (200, first[1])
    assert len(provider.orders()) == 1


def test_another_key_gets_another_confirmation(provider: Provider) -> None:
    confirmations = [call(provider, "PUT", f"/bookings/{key}", ADA)[1]["confirmation"] for key in ("a", "b")]

    assert confirmations == ["T-0001", "T-0002"]


def test_a_cancellation_may_be_repeated(provider: Provider) -> None:
    call(provider, "PUT", "/bookings/a", ADA)

    answers = [call(provider, "DELETE", "/bookings/a") for _ in range(2)]

    assert answers == [(200, {"key": "a", "cancelled": True})] * 2


@pytest.mark.parametrize("before", [["DELETE"], ["PUT", "DELETE"]])
def test_a_booking_after_its_cancellation_is_gone(provider: Provider, before: list[str]) -> None:
    for method in before:
        call(provider, method, "/bookings/a", ADA if method == "PUT" else None)

    assert call(provider, "PUT", "/bookings/a", ADA)[0] == 410


def test_cancelling_the_unknown_is_not_found(provider: Provider) -> None:
    assert call(provider, "DELETE", "/bookings/a") == (404, {"error": "unknown order"})


def test_the_bookings_are_listed_with_the_cancelled_ones(provider: Provider) -> None:
    call(provider, "PUT", "/bookings/a", ADA)
    call(provider, "DELETE", "/bookings/a")

    (booking,) = call(provider, "GET", "/bookings")[1]["orders"]
    assert booking == {"key": "a", "order": ADA, "confirmation": "T-0001", "cancelled": True}


@pytest.mark.parametrize(
    ("collection", "more", "confirmation"),
    [("charges", {"card": "tok-1", "cents": 4200}, "C-0001"), ("notices", {"text": "it is out"}, "N-0001")],
)
def test_each_collection_has_its_own_books(
    provider: Provider, collection: str, more: dict[str, Any], confirmation: str
) -> None:
    call(provider, "PUT", "/bookings/a", ADA)

    assert call(provider, "PUT", f"/{collection}/a", {"customer": "Ada", **more})[1]["confirmation"] == confirmation
    assert [order["order"] for order in provider.orders(collection)] == [{"customer": "Ada", **more}]
    assert [order["order"] for order in provider.orders()] == [ADA]


def test_it_misbehaves_in_one_collection_only(provider: Provider) -> None:
    provider.behave(Behaviour(match="Ada", mode="refuse", collection="charges"))

    assert call(provider, "PUT", "/bookings/a", ADA)[0] == 201
    assert call(provider, "PUT", "/charges/a", {"customer": "Ada", "card": "tok-1", "cents": 1})[0] == 409


def test_it_behaves_well_again_towards_one_of_two(provider: Provider) -> None:
    for match in ("Ada", "Grace"):
        provider.behave(Behaviour(match=match, mode="fail", times=None))

    provider.behave_well("Ada")

    assert call(provider, "PUT", "/bookings/a", ADA)[0] == 201
    assert call(provider, "PUT", "/bookings/b", {**ADA, "customer": "Grace"})[0] == 500


@pytest.mark.parametrize("match", ["trip-1", "Ada"])
def test_it_refuses_a_matching_booking_as_often_as_it_was_told(provider: Provider, match: str) -> None:
    call(provider, "PUT", "/behaviour", {"match": match, "mode": "refuse", "times": 2})
    call(provider, "PUT", "/bookings/other", {**ADA, "customer": "Grace"})

    answers = [call(provider, "PUT", f"/bookings/{KEY}", ADA) for _ in range(3)]

    assert answers[:2] == [(409, {"error": "refused"})] * 2
    assert answers[2][0] == 201


def test_it_breaks_down_before_it_books_for_ever_until_it_behaves_well(provider: Provider) -> None:
    call(provider, "PUT", "/behaviour", {"match": "a", "mode": "fail", "times": None})

    assert [call(provider, "PUT", "/bookings/a", ADA)[0] for _ in range(3)] == [500] * 3
    assert not provider.orders()

    call(provider, "DELETE", "/behaviour")
    assert call(provider, "PUT", "/bookings/a", ADA)[0] == 201


def test_it_refuses_to_cancel(provider: Provider) -> None:
    call(provider, "PUT", "/bookings/a", ADA)
    provider.behave(Behaviour(match="Ada", mode="refuse", action="cancel"))

    assert call(provider, "DELETE", "/bookings/a") == (409, {"error": "refused"})
    assert not provider.orders()[0]["cancelled"]


def test_it_books_and_keeps_the_answer_back(provider: Provider) -> None:
    provider.behave(Behaviour(match="a", mode="late", seconds=3600))

    with ThreadPoolExecutor() as customer:
        answer = customer.submit(call, provider, "PUT", "/bookings/a", ADA)
        wait_until(provider.orders, what="the booking")
        assert not answer.done()
        provider.release()

        assert answer.result()[0] == 201


def test_it_waits_before_it_books(provider: Provider) -> None:
    provider.behave(Behaviour(match="a", mode="slow", seconds=3600))

    with ThreadPoolExecutor() as customer:
        answer = customer.submit(call, provider, "PUT", "/bookings/a", ADA)
        wait_until(lambda: not provider.service.provider_modes.pending(), what="the request")
        assert not provider.orders()
        provider.release()

        assert answer.result()[0] == 201


@pytest.mark.parametrize(
    ("request_line", "body", "answer"),
    [
        ("PUT /bookings/a", {"customer": "Ada"}, (400, "KeyError: 'pickup'")),
        ("PUT /bookings/a", ["Ada"], (400, "TypeError: list indices")),
        ("PUT /behaviour", {"match": "a", "mode": "sulk"}, (400, "mode is 'sulk'; it has to be one of refuse")),
        ("PUT /behaviour", {"match": "a", "mode": "fail", "times": 0}, (400, "times is 0")),
        ("GET /rooms", None, (404, "no such request: GET /rooms")),
    ],
)
def test_a_senseless_request_is_told_so(
    provider: Provider, request_line: str, body: Any, answer: tuple[int, str]
) -> None:
    method, path = request_line.split()

    status, reply = call(provider, method, path, body)

    assert status == answer[0]
    assert answer[1] in reply["error"]
