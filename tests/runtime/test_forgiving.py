"""Forgiving: one step is closed by hand, the reason is kept, and whoever then finishes the way back says so."""

import json
from collections.abc import Callable
from typing import Any, Final

import pytest

from orders_desk import employed
from relay_desk import KEY, STEPS, fail, sagas, told
from saga_runtime.client import OrderRefused, Target, forgive, listed, replay, resume, status
from saga_runtime.envelope import parse
from saga_runtime.joining import tell
from saga_runtime.ledger import Outside, Store
from saga_runtime.relay import ByEvents, Orders
from saga_runtime.report import Report
from shop import payload
from world import World

TARGET: Final = Target(
    name="order",
    version="v1",
    style="choreographed",
    where="bus",
    relay="relay",
    ledger="ledger",
    steps={"goods": True, "card": True},
)
FAILURE: Final = {"step": "card", "outcome": "unknown", "Error": "TimeoutError", "Cause": "silent"}
LAST: Final[dict[str, Any]] = {"failure": FAILURE, "ends": {"compensated": "COMPENSATED"}}
REASON: Final = "sent back by post"


@pytest.fixture
def orders(world: World) -> Orders:
    return employed(world, STEPS, ByEvents(world.services, {"card": "goods.succeeded"}))


def stuck(world: World, step: str = "card") -> None:
    """An order of which two steps happened, and one cannot be undone."""
    world.call(payload("reserve", first=True))
    world.call(payload("charge", step="card"))
    sagas(world).stick(KEY, [step], "TimeoutError: down")


def forgiven(world: World, step: str = "card", reason: str = REASON) -> str:
    return forgive(TARGET, "t-1", step, reason, services=world.services)


def listing(world: World, state: str) -> list[str]:
    return [found.id for found in listed(TARGET, state=state, services=world.services)]


@pytest.mark.usefixtures("orders")
def test_forgiving_closes_one_step_keeps_the_reason_and_goes_on(world: World) -> None:
    stuck(world)
    assert forgiven(world) == "COMPENSATING"
    assert (world.step("card"), world.item("STEP#0#card")["forgiven"]) == ("UNDONE", REASON)
    assert (world.step("goods"), told(world)) == ("DONE", ["card.unknown"])


def test_what_is_forgiven_and_how_that_will_end_is_one_request(world: World, orders: Orders) -> None:
    stuck(world)
    world.requests.clear()
    orders.verdict.sagas.forgive(KEY, "card", REASON)
    assert world.requests == ["TransactWriteItems"]
    assert world.meta() == "STUCK"


def undone(world: World) -> None:
    world.call(payload("release", "compensation", results={"goods": {}}, **LAST))


def undone_at_the_second_delivery(world: World) -> None:
    world.call(payload("release", "compensation", results={"goods": {}}, failure=FAILURE))
    undone(world)


def undone_outside(world: World) -> None:
    world.call(payload("refund", "compensation", step="card", **LAST))


def nothing_to_undo(world: World) -> None:
    world.call(payload("release", "compensation", step="note", **LAST))


def nothing_to_undo_outside(world: World) -> None:
    world.call(payload("refund", "compensation", step="note", **LAST))


def undone_in_a_group(world: World) -> None:
    world.call(payload("release", "compensation", results={"goods": {}}, failure=FAILURE))
    join = {"group": "both", "steps": ["goods", "card"], "ends": {"compensated": "COMPENSATED"}}
    command = parse(payload("release", "compensation", join=join, failure=FAILURE))
    tell(world.services, command, Report("compensated", command.saga))


def closed_by_the_relay(world: World) -> None:
    world.call(payload("release", "compensation", results={"goods": {}}, failure=FAILURE))
    fail(world, error="COMPENSATED", cause=json.dumps(FAILURE))


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize(
    ("step", "finishes"),
    [
        ("card", undone),
        ("card", undone_at_the_second_delivery),
        ("card", nothing_to_undo),
        ("card", nothing_to_undo_outside),
        ("card", undone_in_a_group),
        ("goods", undone_outside),
        ("card", closed_by_the_relay),
    ],
)
def test_whoever_finishes_the_way_back_ends_it_forgiven_and_tells_that_it_is_through(
    world: World, step: str, finishes: Callable[[World], None]
) -> None:
    stuck(world, step)
    forgiven(world, step)
    world.published.clear()
    world.clock[0] += 5
    finishes(world)
    assert told(world) == ["saga.compensated"]
    seen = status(TARGET, "t-1", services=world.services)
    assert (seen.state, seen.words, seen.ended) == ("FORGIVEN", "forgiven", world.clock[0])
    assert (listing(world, "FORGIVEN"), listing(world, "COMPENSATED"), listing(world, "STUCK")) == (["t-1"], [], [])


@pytest.mark.usefixtures("orders")
def test_why_it_went_back_and_why_it_was_forgiven_can_be_read_afterwards(world: World) -> None:
    stuck(world)
    forgiven(world)
    undone(world)
    seen = status(TARGET, "t-1", services=world.services)
    assert (seen.why, seen.next, seen.orders) == ("card: unknown: TimeoutError: silent", "", ("replay",))
    assert [(step.outcome, step.error) for step in seen.steps] == [("undone", ""), ("forgiven", REASON)]


def test_a_saga_that_ended_before_its_mark_was_taken_off_is_not_said_to_be_stuck(world: World, orders: Orders) -> None:
    stuck(world)
    orders.verdict.sagas.forgive(KEY, "card", REASON)
    undone(world)
    assert status(TARGET, "t-1", services=world.services).why == "card: unknown: TimeoutError: silent"


@pytest.mark.usefixtures("orders")
def test_the_same_forgiveness_again_is_no_other_one(world: World) -> None:
    stuck(world)
    for _ in range(2):  # as whoever does who has not heard of the first
        assert forgiven(world) == "COMPENSATING"
    assert told(world) == ["card.unknown"]
    with pytest.raises(OrderRefused, match="is COMPENSATING, not stuck"):
        forgiven(world, reason="kept by the customer")
    sagas(world).stick(KEY, ["goods"], "down")
    assert forgiven(world) == "STUCK"
    forgiven(world, "goods", "kept by the customer")
    nothing_to_undo(world)
    assert forgiven(world) == "FORGIVEN"
    with pytest.raises(OrderRefused, match="is FORGIVEN, not stuck"):
        forgiven(world, reason="kept by the customer")


@pytest.mark.usefixtures("orders")
def test_only_the_step_it_is_stuck_at_can_be_forgiven(world: World) -> None:
    stuck(world)
    with pytest.raises(OrderRefused, match="is STUCK, not stuck at the compensation of 'goods'"):
        forgiven(world, "goods")
    assert world.step() == "DONE"


def test_of_a_saga_that_has_ended_meanwhile_nothing_is_forgiven(world: World, orders: Orders) -> None:
    stuck(world)
    sagas(world).compensated(KEY)
    assert not orders.verdict.sagas.forgive(KEY, "card", REASON)
    assert (world.step("card"), world.meta()) == ("DONE", "COMPENSATED")


def test_what_is_forgiven_while_its_undoing_is_at_work_ends_all_the_same(world: World, orders: Orders) -> None:
    world.call(payload("charge", step="card", first=True))
    sagas(world).stick(KEY, ["card"], "TimeoutError: down")
    command = parse(payload("refund", "compensation", step="card", **LAST))
    book = Outside(Store(world.services))
    book.claim_undo(command, 3)
    sagas(world).stick(KEY, ["card"], "TimeoutError: down")
    orders.verdict.sagas.forgive(KEY, "card", REASON)
    book.undone(command)
    assert (world.step("card"), world.meta()) == ("UNDONE", "FORGIVEN")


@pytest.mark.usefixtures("orders")
def test_a_saga_that_is_resumed_and_undone_ends_compensated_as_ever(world: World) -> None:
    stuck(world)
    resume(TARGET, "t-1", services=world.services)
    world.call(payload("refund", "compensation", step="card", failure=FAILURE))
    undone(world)
    assert (world.meta(), listing(world, "COMPENSATED"), listing(world, "FORGIVEN")) == ("COMPENSATED", ["t-1"], [])


@pytest.mark.usefixtures("orders")
def test_told_again_it_is_announced_as_before(world: World) -> None:
    stuck(world)
    forgiven(world)
    undone(world)
    world.published.clear()
    assert replay(TARGET, "t-1", services=world.services) == "FORGIVEN"
    assert told(world) == ["saga.compensated"]


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("error", ["COMPENSATED", "Runtime.ExitError"])
def test_whoever_ended_it_and_died_before_telling_is_spoken_for(world: World, error: str) -> None:
    stuck(world)
    forgiven(world)
    undone(world)
    world.published.clear()
    fail(world, error=error, cause=json.dumps(FAILURE))
    assert (world.meta(), told(world)) == ("FORGIVEN", ["saga.compensated"])
