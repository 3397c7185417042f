"""Orders: cancel and resume, and what holds for all: safe to repeat and refused by name."""

import io
import json
from typing import Any

import pytest

from orders_desk import HANDLERS, MACHINE, States, employed
from saga_runtime import BadCommand
from saga_runtime.client import OrderRefused, RelayFailed, Target, cancel, resume
from saga_runtime.ledger import SagaKey
from saga_runtime.relay import ByEvents, ByMachine, Orders, Verdict
from shop import Context, payload
from world import World

TARGET = Target(name="order", version="v1", style="choreographed", where="bus", relay="relay")


@pytest.fixture
def orders(world: World) -> Orders:
    return employed(world, HANDLERS, ByEvents(world.services, {"card": "goods.succeeded"}))


def told(world: World) -> list[str]:
    return [event["DetailType"] for event in world.published]


def stuck(orders: Orders, step: str) -> None:
    orders.verdict.sagas.stick(SagaKey("order", "t-1"), [step], "down")


@pytest.mark.usefixtures("orders")
def test_a_running_saga_is_fenced_and_goes_back_from_the_last_step_that_can_be_undone(world: World) -> None:
    world.call(payload("reserve", first=True))
    assert cancel(TARGET, "t-1", services=world.services) == "COMPENSATING"
    assert told(world) == ["card.unknown"]
    detail = json.loads(world.published[0]["Detail"])
    assert (detail["input"], detail["results"]) == ({"n": 1}, {"goods": {"reserved": "order.t-1.goods"}})


@pytest.mark.usefixtures("orders")
def test_cancelling_twice_is_safe(world: World) -> None:
    world.call(payload("reserve", first=True))
    statuses = [cancel(TARGET, "t-1", services=world.services) for _ in range(2)]
    assert (statuses, world.stock()) == (["COMPENSATING", "COMPENSATING"], 4)
    assert set(told(world)) == {"card.unknown"}


class Died(BaseException):
    """As a function does: nothing catches it."""


@pytest.mark.parametrize("order", ["cancel", "resume", "forgive"])
def test_an_order_whose_bearer_died_before_telling_the_bus_can_be_repeated(
    world: World, orders: Orders, order: str
) -> None:
    world.call(payload("reserve", first=True))
    if order != "cancel":
        stuck(orders, "goods")

    def die(**_: Any) -> None:
        raise Died

    bus = world.services.events.meta.events
    bus.register_first("before-call.events.PutEvents", die)
    asked = {"order": order, "id": "t-1", "step": "goods", "reason": "lost"}
    with pytest.raises(Died):
        orders.obey(asked)
    bus.unregister("before-call.events.PutEvents", die)
    world.published.clear()
    assert orders.obey(asked) == {"status": "COMPENSATING", "refused": None}
    assert told(world) == ["card.unknown" if order == "cancel" else "goods.unknown"]


@pytest.mark.usefixtures("orders")
def test_a_saga_cancelled_before_it_began_never_begins(world: World) -> None:
    assert cancel(TARGET, "t-1", services=world.services) == "NOT_STARTED"
    with pytest.raises(Exception, match="too late"):
        world.call(payload("reserve", first=True))
    assert (world.stock(), told(world)) == (5, [])


@pytest.mark.usefixtures("orders")
def test_who_starts_a_saga_cancelled_before_it_began_is_told_so(world: World) -> None:
    cancel(TARGET, "t-1", services=world.services)
    record = {
        "messageId": "m1",
        "body": json.dumps(payload("reserve", first=True)),
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSource": "aws:sqs",
    }
    world.participant.handler({"Records": [record]}, Context())
    assert (told(world), world.stock()) == (["saga.compensated"], 5)


def test_a_cancelled_saga_with_nothing_to_undo_is_closed_at_once(world: World) -> None:
    world.call(payload("reserve", first=True))
    orders = Orders(Verdict("order", HANDLERS, world.services, "v1"), ByEvents(world.services, {}), "")
    assert orders.obey({"order": "cancel", "id": "t-1"})["status"] == "COMPENSATED"
    assert told(world) == ["saga.compensated"]


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("flags", [{"pivot": True}, {"ends": {"succeeded": "COMPLETED"}}])
def test_past_the_pivot_it_is_too_late_to_cancel(world: World, flags: dict[str, Any]) -> None:
    world.call(payload("reserve", first=True, **flags))
    world.published.clear()
    with pytest.raises(OrderRefused, match="too late: saga 't-1' is past its pivot"):
        cancel(TARGET, "t-1", services=world.services)
    assert told(world) == []


def test_a_running_execution_meets_the_fence_by_itself(world: World) -> None:
    world.call(payload("reserve", first=True))
    states = world.services.__dict__["states"] = States()
    orders = Orders(Verdict("order", HANDLERS, world.services, "v1"), ByMachine(world.services, MACHINE), "card")
    assert orders.obey({"order": "cancel", "id": "t-1"}) == {"status": "COMPENSATING", "refused": None}
    assert (told(world), states.started) == ([], [])


def test_a_stuck_saga_goes_on_exactly_where_it_stopped(world: World, orders: Orders) -> None:
    world.call(payload("reserve", first=True))
    stuck(orders, "goods")
    assert resume(TARGET, "t-1", services=world.services) == "COMPENSATING"
    assert told(world) == ["goods.unknown"]


def test_a_saga_stuck_after_its_pivot_goes_on_forward(world: World, orders: Orders) -> None:
    world.call(payload("reserve", first=True, pivot=True))
    stuck(orders, "card")
    assert resume(TARGET, "t-1", services=world.services) == "COMMITTED"
    assert told(world) == ["goods.succeeded"]


@pytest.mark.parametrize("flags", [{}, {"pivot": True}])
def test_a_stuck_execution_is_resumed_by_running_its_definition_again(world: World, flags: dict[str, Any]) -> None:
    world.call(payload("reserve", first=True, **flags))
    states = world.services.__dict__["states"] = States()
    orders = Orders(Verdict("order", HANDLERS, world.services, "v1"), ByMachine(world.services, MACHINE), "card")
    stuck(orders, "card")
    assert orders.obey({"order": "resume", "id": "t-1"})["refused"] is None
    started = states.started[0]
    assert started["name"].endswith("r0")
    assert started["stateMachineArn"] == f"{MACHINE}:3"
    assert json.loads(started["input"])["input"] == {"n": 1}


def test_resuming_a_saga_that_has_ended_meanwhile_tells_how(world: World, orders: Orders) -> None:
    world.call(payload("reserve", first=True))
    stuck(orders, "goods")
    world.call(payload("release", "compensation", failure={"outcome": "unknown"}, ends={"compensated": "COMPENSATED"}))
    world.published.clear()
    assert resume(TARGET, "t-1", services=world.services) == "COMPENSATED"
    assert told(world) == ["saga.compensated"]


NEVER_STUCK: dict[str, dict[str, Any]] = {
    "RUNNING": {},
    "COMMITTED": {"pivot": True},
    "COMPLETED": {"ends": {"succeeded": "COMPLETED"}},
}


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("state", NEVER_STUCK)
def test_what_never_was_stuck_cannot_be_resumed(world: World, state: str) -> None:
    world.call(payload("reserve", first=True, **NEVER_STUCK[state]))
    with pytest.raises(OrderRefused, match=f"not stuck, it is {state}"):
        resume(TARGET, "t-1", services=world.services)


def test_a_saga_that_never_was_stuck_and_goes_back_cannot_be_resumed(world: World, orders: Orders) -> None:
    world.call(payload("reserve", first=True))
    orders.verdict.sagas.abort(KEY, ("goods",))
    with pytest.raises(OrderRefused, match="not stuck, it is COMPENSATING"):
        resume(TARGET, "t-1", services=world.services)


@pytest.mark.parametrize(("flags", "step"), [({}, "goods"), ({"pivot": True}, "card")])
def test_resuming_again_what_goes_on_already_is_no_other_order(
    world: World, orders: Orders, flags: dict[str, Any], step: str
) -> None:
    world.call(payload("reserve", first=True, **flags))
    stuck(orders, step)
    first = resume(TARGET, "t-1", services=world.services)
    world.published.clear()
    world.requests.clear()
    assert resume(TARGET, "t-1", services=world.services) == first
    assert (told(world), world.requests) == ([], ["Query", "Query"])  # one to decide, one to say the state


def test_resuming_again_what_has_ended_since_is_no_other_order(world: World, orders: Orders) -> None:
    world.call(payload("reserve", first=True))
    stuck(orders, "goods")
    resume(TARGET, "t-1", services=world.services)
    world.call(payload("release", "compensation", failure={"outcome": "unknown"}, ends={"compensated": "COMPENSATED"}))
    world.published.clear()
    assert resume(TARGET, "t-1", services=world.services) == "COMPENSATED"
    assert told(world) == []


def test_a_saga_that_is_stuck_once_more_is_resumed_once_more(world: World, orders: Orders) -> None:
    world.call(payload("reserve", first=True))
    for _ in range(2):
        stuck(orders, "goods")
        assert resume(TARGET, "t-1", services=world.services) == "COMPENSATING"
    assert told(world) == ["goods.unknown"] * 2


BAD: list[dict[str, Any]] = [
    {"order": "stop", "id": "t-1"},
    {"order": "cancel", "id": "../x"},
    {"order": "forgive", "id": "t"},
]


@pytest.mark.parametrize("order", BAD)
def test_a_bad_order_is_refused_by_name(orders: Orders, order: dict[str, Any]) -> None:
    with pytest.raises(BadCommand):
        orders.obey(order)


def test_a_saga_that_is_stuck_again_before_its_mark_is_taken_off_stays_stuck(world: World, orders: Orders) -> None:
    world.call(payload("reserve", first=True))
    sagas = orders.verdict.sagas
    sagas.stick(KEY, ["card"], "why")
    seen = sagas.state(KEY)
    sagas.stick(KEY, ["card"], "why")
    assert (sagas.unstick(KEY, seen), sagas.state(KEY).status) == (False, "STUCK")
    assert (sagas.unstick(KEY, sagas.state(KEY)), sagas.state(KEY).status) == (True, "COMPENSATING")


def test_a_saga_is_listed_under_the_state_it_is_in(world: World, orders: Orders) -> None:
    seen = [listed_under(world)]
    world.call(payload("reserve", first=True))
    seen.append(listed_under(world))
    orders.verdict.sagas.stick(KEY, ["card"], "why")
    seen.append(listed_under(world))
    orders.verdict.sagas.close(KEY)
    orders.verdict.sagas.unstick(KEY, orders.verdict.sagas.state(KEY))
    orders.verdict.sagas.close(KEY)
    seen.append(listed_under(world))
    assert seen == ["", "order#RUNNING", "order#STUCK", "order#COMPENSATED"]


def test_a_saga_stuck_on_its_way_forward_is_listed_as_stuck(world: World, orders: Orders) -> None:
    world.call(payload("reserve", first=True, pivot=True))
    orders.verdict.sagas.stick(KEY, ["note"], "why")
    assert listed_under(world) == "order#STUCK"
    orders.verdict.sagas.unstick(KEY, orders.verdict.sagas.state(KEY))
    assert listed_under(world) == "order#COMMITTED"


KEY = SagaKey("order", "t-1")


def listed_under(world: World) -> str:
    """The index's partition, without the part of it that is drawn."""
    return world.item("META").get("view", "").rpartition("#")[0]


def test_an_order_whose_relay_died_is_to_be_repeated_and_says_so(world: World) -> None:
    class Dying:
        def invoke(self, **_: Any) -> dict[str, Any]:
            body = json.dumps({"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out after 3.00 seconds"})
            return {"Payload": io.BytesIO(body.encode()), "FunctionError": "Unhandled"}

    world.services.__dict__["functions"] = Dying()
    with pytest.raises(RelayFailed, match=r"Sandbox\.Timedout.*; repeat the order, that is safe"):
        cancel(TARGET, "t-1", services=world.services)
