"""The customer's message: one a saga, whichever way it ended and however often that is published."""

from typing import Any

import pytest

from harness import client, items
from participants import messages
from saga_runtime.services import Services


@pytest.fixture(autouse=True)
def _post_office(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 # it must be there
    monkeypatch.setattr(messages, "services", Services(client=client))


def tell(text: str = "it is done", *, name: str = "trip", saga_id: str = "t-1", **given: Any) -> None:
    saga = {"schema": "saga/1", "name": name, "version": "v1", "id": saga_id, "input": given, "results": {}}
    messages.handler({"text": text, "saga": saga}, None)


def test_the_customer_is_told_how_the_saga_ended() -> None:
    tell("your trip is booked", customer="Ada")
    assert items() == {"MESSAGE#trip#t-1": {"customer": "Ada", "text": "your trip is booked"}}


def test_a_saga_without_a_customer_is_told_nobody_by_name() -> None:
    tell()
    assert items()["MESSAGE#trip#t-1"]["customer"] == ""


def test_an_ending_announced_twice_is_told_once() -> None:
    for customer in ("Ada", "Bob"):
        tell(customer=customer)
    assert items()["MESSAGE#trip#t-1"]["customer"] == "Ada"


def test_sagas_of_the_same_id_but_another_name_are_told_apart() -> None:
    for name in ("trip", "cruise"):
        tell(name=name)
    assert set(items()) == {"MESSAGE#trip#t-1", "MESSAGE#cruise#t-1"}
