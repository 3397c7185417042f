"""Transfers, payments and notices: ordered from a real HTTP provider, which may misbehave. In both styles' way in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

from emulator.provider.modes import Behaviour, Mode
from emulator.provider.server import Provider
from harness import Answer, Desk
from participants import notices, payments, transfers

FAILED_HERE = {"step": "goods", "outcome": "unknown", "Error": "Timeout", "Cause": ""}
AN_HOUR = 3600.0
Json = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """Words of a participant with a provider; `lacking` says what is wrong with an input, by the field that is."""

    module: ModuleType
    action: str
    compensation: str
    collection: str
    given: Json
    order: Json
    confirmation: str
    refused: str
    lacking: dict[str, Json] = field(default_factory=dict[str, Json])


TRANSFERS = Kind(
    transfers,
    "book_transfer",
    "cancel_transfer",
    "bookings",
    given={"customer": "Ada", "transfer": {"pickup": "FRA 12:05"}},
    order={"customer": "Ada", "pickup": "FRA 12:05"},
    confirmation="T-0001",
    refused="no transfer at FRA 12:05",
    lacking={"customer": {"customer": ""}, "transfer": {"transfer": None}, "transfer.pickup": {"transfer": {}}},
)
PAYMENTS = Kind(
    payments,
    "charge",
    "refund",
    "charges",
    given={"customer": "Ada", "payment": {"card": "token-1", "cents": 4200}},
    order={"customer": "Ada", "card": "token-1", "cents": 4200},
    confirmation="C-0001",
    refused="card declined",
    lacking={
        "customer": {"customer": None},
        "payment": {"payment": 42},
        "payment.card": {"payment": {"cents": 1}},
        "payment.cents": {"payment": {"card": "token-1", "cents": 1.5}},
    },
)
NOTICES = Kind(
    notices,
    "notify",
    "",
    "notices",
    given={"customer": "Ada", "region": {"name": "north"}},
    order={"customer": "Ada", "text": "order t-1 is out for north"},
    confirmation="N-0001",
    refused="Ada cannot be reached",
    lacking={"customer": {"customer": 7}, "region": {"region": []}, "region.name": {"region": {}}},
)
KINDS = (TRANSFERS, PAYMENTS, NOTICES)
LACKING = [(kind, missing) for kind in KINDS for missing in kind.lacking]


@dataclass
class Counter:
    """A participant, and its provider's books."""

    desk: Desk
    kind: Kind
    provider: Provider

    def order(self, changes: Json | None = None, **command: Any) -> Answer:
        return self.desk.call(self.kind.action, given={**self.kind.given, **(changes or {})}, **command)

    def cancel(self, **command: Any) -> Answer:
        return self.desk.call(
            self.kind.compensation, "compensation", given=self.kind.given, failure=FAILED_HERE, **command
        )

    @property
    def orders(self) -> list[str]:
        """The keys of the orders that are not cancelled."""
        return [order["key"] for order in self.provider.orders(self.kind.collection) if not order["cancelled"]]


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with Provider.start() as provider:
        monkeypatch.setenv("PROVIDER_URL", provider.url)
        monkeypatch.setenv("PROVIDER_TIMEOUT", "0.05")
        yield provider


@pytest.fixture(params=KINDS, ids=lambda kind: kind.collection)
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param


@pytest.fixture(params=["direct", "queue"])
def counter(request: pytest.FixtureRequest, kind: Kind, aws: None, provider: Provider) -> Counter:  # noqa: ARG001 # it must be there
    return Counter(Desk(kind.module, request.param), kind, provider)


undoable = pytest.mark.parametrize("kind", [TRANSFERS, PAYMENTS], ids=lambda kind: kind.collection)


def test_an_order_is_the_providers_under_our_key(counter: Counter) -> None:
    answer = counter.order()
    assert answer.outcome == "succeeded"
    assert answer.saga["results"]["goods"] == {"confirmation": counter.kind.confirmation}
    (order,) = counter.provider.orders(counter.kind.collection)
    assert (order["key"], order["order"]) == ("order.t-1.goods", counter.kind.order)


def test_a_definite_no_is_a_rejection(counter: Counter) -> None:
    counter.provider.behave(Behaviour(match="Ada", mode="refuse"))
    answer = counter.order()
    assert (answer.outcome, answer.reason) == ("rejected", counter.kind.refused)
    assert counter.orders == []


@pytest.mark.parametrize("mode", ["fail", "late", "slow"])
def test_any_other_failure_is_unknown(counter: Counter, mode: Mode) -> None:
    counter.provider.behave(Behaviour(match="Ada", mode=mode, seconds=AN_HOUR))
    assert counter.order().outcome == "failed"


def test_a_duplicate_orders_once(counter: Counter) -> None:
    assert counter.order() == counter.order()
    assert counter.orders == ["order.t-1.goods"]


@undoable
def test_cancelling_cancels_once(counter: Counter) -> None:
    counter.order()
    for _ in range(2):
        assert counter.cancel().outcome == "compensated"
    assert counter.orders == []


@undoable
def test_cancelling_what_was_never_ordered_succeeds_and_blocks_a_late_order(counter: Counter) -> None:
    assert counter.cancel().outcome == "compensated"
    assert counter.order().outcome == "fenced"
    assert counter.orders == []


@undoable
def test_cancelling_what_was_refused_asks_nobody(counter: Counter) -> None:
    counter.provider.behave(Behaviour(match="Ada", mode="refuse"))
    counter.order()
    counter.provider.behave(Behaviour(match="order.t-1", mode="fail", action="cancel"))
    assert counter.cancel().outcome == "compensated"


@undoable
def test_cancelling_leaves_the_order_of_another_saga(counter: Counter) -> None:
    counter.order(saga_id="t-1")
    counter.order(saga_id="t-2")
    counter.cancel(saga_id="t-1")
    assert counter.orders == ["order.t-2.goods"]


@undoable
def test_a_cancellation_that_fails_is_tried_again(counter: Counter) -> None:
    counter.order()
    counter.provider.behave(Behaviour(match="order.t-1", mode="fail", action="cancel"))
    assert counter.cancel().outcome == "failed"
    assert counter.orders == ["order.t-1.goods"]


@pytest.mark.parametrize(
    ("kind", "missing"), LACKING, ids=[f"{kind.collection}-{missing}" for kind, missing in LACKING]
)
def test_an_input_that_cannot_be_ordered_is_rejected(counter: Counter, missing: str) -> None:
    answer = counter.order(counter.kind.lacking[missing])
    assert answer.outcome == "rejected"
    assert answer.reason.startswith(f"input.{missing} is ")
    assert counter.orders == []


def test_only_http_is_spoken(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVIDER_URL", "file:///etc")
    assert counter.order().outcome == "failed"


def test_what_has_been_told_cannot_be_untold() -> None:
    assert set(notices.notices.handlers) == {"notify"}
