"""Orders: cancel and resume, and what holds for all: idempotent and refused by name."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest

from operations_fixture import HANDLERS, MACHINE, TARGET, States, employed
from saga_runtime import BadCommand
from saga_runtime.client import OperationRefused, RecoveryFailed, cancel, resume, status
from saga_runtime.ledger import SagaKey
from saga_runtime.recovery import ControlOperations, EventEngine, SagaContext, StateMachineEngine
from shop import Context, payload
from world import World


@pytest.fixture
def operations(world: World) -> ControlOperations:
    return employed(world, HANDLERS, EventEngine(world.services, {"card": "goods.succeeded"}))


def told(world: World) -> list[str]:
    return [event["DetailType"] for event in world.published]


def stuck(operations: ControlOperations, step: str) -> None:
    operations.context.sagas.mark_stuck(SagaKey("order", "t-1"), [step], "down")


@pytest.mark.usefixtures("operations")
def test_a_running_saga_is_fenced_and_goes_back_from_the_last_step_that_can_be_undone(world: World) -> None:
    world.call(payload("reserve", first=True))
    assert cancel(TARGET, "t-1", services=world.services) == "COMPENSATING"
    assert told(world) == ["card.unknown"]
    detail = json.loads(world.published[0]["Detail"])
    assert (detail["input"], detail["results"]) == ({"n": 1}, {"goods": {"reserved": "order.t-1.goods"}})


@pytest.mark.usefixtures("operations")
def test_cancelling_twice_is_safe(world: World) -> None:
    world.call(payload("reserve", first=True))
    statuses = [cancel(TARGET, "t-1", services=world.services) for _ in range(2)]
    assert (statuses, world.stock()) == (["COMPENSATING", "COMPENSATING"], 4)
    assert set(told(world)) == {"card.unknown"}


class Died(BaseException):
    """As a function does: nothing catches it."""


@pytest.mark.parametrize("operation", ["cancel", "resume", "skip"])
def test_an_order_whose_bearer_died_before_telling_the_bus_can_be_repeated(
    world: World, operations: ControlOperations, operation: str
) -> None:
    world.call(payload("reserve", first=True))
    if operation != "cancel":
        stuck(operations, "goods")

    def die(**_: Any) -> None:
        raise Died

    bus = world.services.events.meta.events
    bus.register_first("before-call.events.PutEvents", die)
    asked = {"operation": operation, "id": "t-1", "step": "goods", "reason": "lost"}
    with pytest.raises(Died):
        operations.perform(asked)
    bus.unregister("before-call.events.PutEvents", die)
    world.published.clear()
    assert operations.perform(asked) == {"status": "COMPENSATING", "refused": None}
    assert told(world) == ["card.unknown" if operation == "cancel" else "goods.unknown"]


@pytest.mark.usefixtures("operations")
def test_a_saga_cancelled_before_it_began_never_begins(world: World) -> None:
    with pytest.raises(OperationRefused, match="the ledger has no saga 't-1': check the id, or cancel it ahead"):
        cancel(TARGET, "t-1", services=world.services)
    assert world.meta() is None
    assert cancel(TARGET, "t-1", ahead=True, services=world.services) == "NOT_STARTED"
    with pytest.raises(Exception, match="too late"):
        world.call(payload("reserve", first=True))
    assert (world.stock(), told(world)) == (5, [])


@pytest.mark.usefixtures("operations")
def test_who_starts_a_saga_cancelled_before_it_began_is_told_so(world: World) -> None:
    cancel(TARGET, "t-1", ahead=True, services=world.services)
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
    operations = ControlOperations(
        SagaContext("order", HANDLERS, world.services, "v1"), EventEngine(world.services, {}), ""
    )
    assert operations.perform({"operation": "cancel", "id": "t-1"})["status"] == "COMPENSATED"
    assert told(world) == ["saga.compensated"]


@pytest.mark.usefixtures("operations")
@pytest.mark.parametrize("flags", [{"pivot": True}, {"ends": {"succeeded": "COMPLETED"}}])
def test_past_the_pivot_it_is_too_late_to_cancel(world: World, flags: dict[str, Any]) -> None:
    world.call(payload("reserve", first=True, **flags))
    world.published.clear()
    with pytest.raises(OperationRefused, match="too late: saga 't-1' is past its pivot"):
        cancel(TARGET, "t-1", services=world.services)
    assert told(world) == []


def test_a_running_execution_meets_the_fence_by_itself(world: World) -> None:
    world.call(payload("reserve", first=True))
    states = world.services.__dict__["states"] = States()
    operations = ControlOperations(
        SagaContext("order", HANDLERS, world.services, "v1"), StateMachineEngine(world.services, MACHINE), "card"
    )
    assert operations.perform({"operation": "cancel", "id": "t-1"}) == {"status": "COMPENSATING", "refused": None}
    assert (told(world), states.started) == ([], [])


def test_a_stuck_saga_goes_on_exactly_where_it_stopped(world: World, operations: ControlOperations) -> None:
    world.call(payload("reserve", first=True))
    stuck(operations, "goods")
    assert resume(TARGET, "t-1", services=world.services) == "COMPENSATING"
    assert told(world) == ["goods.unknown"]


def test_a_saga_stuck_after_its_pivot_goes_on_forward(world: World, operations: ControlOperations) -> None:
    world.call(payload("reserve", first=True, pivot=True))
    stuck(operations, "card")
    assert resume(TARGET, "t-1", services=world.services) == "COMMITTED"
    assert told(world) == ["goods.succeeded"]


@pytest.mark.parametrize("flags", [{}, {"pivot": True}])
def test_a_stuck_execution_is_resumed_by_running_its_definition_again(world: World, flags: dict[str, Any]) -> None:
    world.call(payload("reserve", first=True, **flags))
    states = world.services.__dict__["states"] = States()
    operations = ControlOperations(
        SagaContext("order", HANDLERS, world.services, "v1"), StateMachineEngine(world.services, MACHINE), "card"
    )
    stuck(operations, "card")
    assert operations.perform({"operation": "resume", "id": "t-1"})["refused"] is None
    started = states.started[0]
    assert started["name"].endswith("r0")
    assert started["stateMachineArn"] == f"{MACHINE}:3"
    assert json.loads(started["input"])["input"] == {"n": 1}


def test_resuming_a_saga_that_has_ended_meanwhile_tells_how(world: World, operations: ControlOperations) -> None:
    world.call(payload("reserve", first=True))
    stuck(operations, "goods")
    world.call(payload("release", "compensation", failure={"outcome": "unknown"}, ends={"compensated": "COMPENSATED"}))
    world.published.clear()
    assert resume(TARGET, "t-1", services=world.services) == "COMPENSATED"
    assert told(world) == ["saga.compensated"]


NEVER_STUCK: dict[str, dict[str, Any]] = {
    "RUNNING": {},
    "COMMITTED": {"pivot": True},
    "COMPLETED": {"ends": {"succeeded": "COMPLETED"}},
}


@pytest.mark.usefixtures("operations")
@pytest.mark.parametrize("state", NEVER_STUCK)
def test_what_never_was_stuck_cannot_be_resumed(world: World, state: str) -> None:
    world.call(payload("reserve", first=True, **NEVER_STUCK[state]))
    with pytest.raises(OperationRefused, match=f"not stuck, it is {state}"):
        resume(TARGET, "t-1", services=world.services)


def test_a_saga_that_never_was_stuck_and_goes_back_cannot_be_resumed(
    world: World, operations: ControlOperations
) -> None:
    world.call(payload("reserve", first=True))
    operations.context.sagas.abort(KEY, ("goods",))
    with pytest.raises(OperationRefused, match="not stuck, it is COMPENSATING"):
        resume(TARGET, "t-1", services=world.services)


@pytest.mark.parametrize(("flags", "step"), [({}, "goods"), ({"pivot": True}, "card")])
def test_resuming_again_what_goes_on_already_is_no_other_order(
    world: World, operations: ControlOperations, flags: dict[str, Any], step: str
) -> None:
    world.call(payload("reserve", first=True, **flags))
    stuck(operations, step)
    first = resume(TARGET, "t-1", services=world.services)
    world.published.clear()
    world.requests.clear()
    assert resume(TARGET, "t-1", services=world.services) == first
    assert (told(world), world.requests) == ([], ["Query", "Query"])  # one to decide, one to say the state


def test_resuming_again_what_has_ended_since_is_no_other_order(world: World, operations: ControlOperations) -> None:
    world.call(payload("reserve", first=True))
    stuck(operations, "goods")
    resume(TARGET, "t-1", services=world.services)
    world.call(payload("release", "compensation", failure={"outcome": "unknown"}, ends={"compensated": "COMPENSATED"}))
    world.published.clear()
    assert resume(TARGET, "t-1", services=world.services) == "COMPENSATED"
    assert told(world) == []


def test_a_saga_that_is_stuck_once_more_is_resumed_once_more(world: World, operations: ControlOperations) -> None:
    world.call(payload("reserve", first=True))
    for _ in range(2):
        stuck(operations, "goods")
        assert resume(TARGET, "t-1", services=world.services) == "COMPENSATING"
    assert told(world) == ["goods.unknown"] * 2


BAD: list[dict[str, Any]] = [
    {"operation": "stop", "id": "t-1"},
    {"operation": "cancel", "id": "../x"},
    {"operation": "skip", "id": "t"},
]


@pytest.mark.parametrize("operation", BAD)
def test_a_bad_order_is_refused_by_name(operations: ControlOperations, operation: dict[str, Any]) -> None:
    with pytest.raises(BadCommand):
        operations.perform(operation)


def test_a_saga_that_is_stuck_again_before_its_mark_is_taken_off_stays_stuck(
    world: World, operations: ControlOperations
) -> None:
    world.call(payload("reserve", first=True))
    sagas = operations.context.sagas
    sagas.mark_stuck(KEY, ["card"], "why")
    seen = sagas.state(KEY)
    sagas.mark_stuck(KEY, ["card"], "why")
    assert (sagas.clear_stuck(KEY, seen), sagas.state(KEY).status) == (False, "STUCK")
    assert (sagas.clear_stuck(KEY, sagas.state(KEY)), sagas.state(KEY).status) == (True, "COMPENSATING")


def test_a_saga_is_listed_under_the_state_it_is_in(world: World, operations: ControlOperations) -> None:
    seen = [listed_under(world)]
    world.call(payload("reserve", first=True))
    seen.append(listed_under(world))
    operations.context.sagas.mark_stuck(KEY, ["card"], "why")
    seen.append(listed_under(world))
    operations.context.sagas.close(KEY)
    operations.context.sagas.clear_stuck(KEY, operations.context.sagas.state(KEY))
    operations.context.sagas.close(KEY)
    seen.append(listed_under(world))
    assert seen == ["", "order#RUNNING", "order#STUCK", "order#COMPENSATED"]


def test_a_saga_stuck_on_its_way_forward_is_listed_as_stuck(world: World, operations: ControlOperations) -> None:
    world.call(payload("reserve", first=True, pivot=True))
    operations.context.sagas.mark_stuck(KEY, ["note"], "why")
    assert listed_under(world) == "order#STUCK"
    operations.context.sagas.clear_stuck(KEY, operations.context.sagas.state(KEY))
    assert listed_under(world) == "order#COMMITTED"


KEY = SagaKey("order", "t-1")


def listed_under(world: World) -> str:
    """The index's partition, without the part of it that is drawn."""
    return world.item("META").get("view", "").rpartition("#")[0]


def test_an_order_whose_recovery_died_is_to_be_repeated_and_says_so(world: World) -> None:
    class Dying:
        def invoke(self, **_: Any) -> dict[str, Any]:
            body = json.dumps({"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out after 3.00 seconds"})
            return {"Payload": io.BytesIO(body.encode()), "FunctionError": "Unhandled"}

    world.services.__dict__["functions"] = Dying()
    with pytest.raises(RecoveryFailed, match=r"Sandbox\.Timedout.*; repeat it, it is idempotent"):
        cancel(TARGET, "t-1", services=world.services)


@pytest.mark.usefixtures("operations")
def test_a_resumed_step_keeps_its_attempts_and_when_it_was_stuck(world: World, operations: ControlOperations) -> None:
    world.call(payload("reserve", first=True))
    back = payload("release", "compensation", failure={"step": "card", "outcome": "unknown"})
    for attempt in range(5):
        world.shop.raises = TimeoutError("down")
        with pytest.raises(TimeoutError):
            world.call({**back, "attempt": attempt + 1})
        world.clock[0] += 1
    world.shop.raises = None
    stuck = world.clock[0]
    operations.context.sagas.mark_stuck(SagaKey("order", "t-1"), ["goods"], "TimeoutError: down")
    assert status(replace(TARGET, ledger="ledger"), "t-1", services=world.services).stuck_since == stuck
    world.clock[0] += 180
    for _ in range(2):
        resume(TARGET, "t-1", services=world.services)
    world.clock[0] += 1
    world.call(back)
    seen = status(replace(TARGET, ledger="ledger"), "t-1", services=world.services)
    goods = seen.steps[0]
    assert (goods.outcome, goods.undo_attempts, goods.stuck, goods.resumed) == ("undone", 6, stuck, stuck + 180)
    assert (goods.undo_ended, seen.stuck_since) == (stuck + 181, None)
