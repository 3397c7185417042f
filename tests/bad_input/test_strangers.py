"""Events, orders and histories that do not belong: from somebody else, again, or in another order."""

from typing import Any

import pytest

from bad_input.shops import STEPS, Inbox, everything
from cdk_saga.plan import compile_saga
from cdk_saga.render import routes
from saga_runtime import BadCommand
from saga_runtime.client import Target, cancel, resume, skip, start
from saga_runtime.recovery import ControlOperations, EventEngine, Recovery, SagaContext
from sagas import TRIP
from shop import Context, payload
from world import World

FORGED = {"source": "saga.order", "detail-type": "goods.succeeded", "detail": {"id": "t-1"}}
"""An event of the saga, as EventBridge puts it into a queue that it could not deliver to."""


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"source": "saga.other"}, "task is None"),
        ({"source": "com.example.shop"}, "task is None"),
        ({"detail-type": None}, "task is None"),
        ({"detail": "t-1"}, "task is None"),
    ],
)
def test_an_event_from_another_source_is_kept_and_not_passed_on(
    change: dict[str, Any], error: str, world: World, inbox: Inbox
) -> None:
    before = everything(world)
    inbox.recovery({**FORGED, **change})
    assert error in inbox.parked[0][1]
    assert everything(world) == before


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"step": "gold"}, "handler 'charge' for step 'gold' of 'order' is no part of saga 'order'"),
        ({"handler": "reserve"}, "handler 'reserve' for step 'money' of 'order' is no part of saga 'order'"),
    ],
)
def test_a_step_or_handler_that_the_saga_does_not_have_is_kept(
    change: dict[str, str], error: str, world: World, inbox: Inbox
) -> None:
    before = everything(world)
    command = payload("charge", step="money")
    command["task"].update(change)
    inbox.recovery(command)
    assert error in inbox.parked[0][1]
    assert everything(world) == before


def test_a_saga_that_recovery_does_not_serve_is_kept(world: World, inbox: Inbox) -> None:
    before = everything(world)
    command = payload("reserve")
    command["saga"]["name"] = "trip"
    inbox.recovery(command)
    assert "saga.name is 'trip': this task belongs to 'order', version 'v1'" in inbox.parked[0][1]
    assert everything(world) == before


def test_no_rule_matches_the_events_of_another_saga_or_version() -> None:
    found = routes(compile_saga(TRIP))
    assert [route.step for route in found if route.begins] == [TRIP.all_steps[0].name]
    for route in found:
        assert route.pattern["source"] == ["saga.trip"]
        assert route.task["version"] == TRIP.version
        if not route.begins:  # the starter does not know the version; the task brings it
            assert route.pattern["detail"] == {"version": [TRIP.version]}


@pytest.mark.parametrize("event", [{}, {"detail": None}, {"detail": {"executionArn": 7}}, {"detail": []}])
def test_recovery_fails_on_an_event_that_is_none_so_that_it_is_kept(event: dict[str, Any], world: World) -> None:
    """Its function's failures go to the dead-letter queue (``on_failure``)."""
    with pytest.raises(BadCommand, match="an order, messages, or how an execution ended belong there"):
        Recovery(world.services).handler(event, Context())


OPERATIONS: list[tuple[dict[str, Any], str]] = [
    ({"operation": "stop", "id": "t-1"}, "operation is 'stop': it is one of cancel, resume, skip"),
    ({"operation": ["cancel"], "id": "t-1"}, "operation is ['cancel']: it is one of"),
    ({"operation": "cancel", "id": "../t-1"}, "saga.id is '../t-1': use 1 to 64"),
    ({"operation": "cancel"}, "saga.id is None"),
    ({"operation": "resume", "id": "t-1\n"}, "saga.id is 't-1\\n'"),
    ({"operation": "skip", "id": "t-1", "reason": "so"}, "step is None: this operation needs it as text of 1 to 2,000"),
    (
        {"operation": "skip", "id": "t-1", "step": "goods", "reason": ""},
        "reason is '': this operation needs it as text",
    ),
    (
        {"operation": "skip", "id": "t-1", "step": "goods", "reason": "\ud800"},
        "reason is '\\ud800': this operation needs",
    ),
    (
        {"operation": "skip", "id": "t-1", "step": "goods", "reason": "x" * 2001},
        "this operation needs it as text of 1 to",
    ),
    ({"operation": "complete", "id": "t-1", "result": {}}, "step is None: this operation needs it as text"),
    ({"operation": "complete", "id": "t-1", "step": "goods"}, "result is None: this operation needs a JSON object"),
    (
        {"operation": "complete", "id": "t-1", "step": "goods", "result": ["yes"]},
        "result is ['yes']: this operation needs a JSON",
    ),
    ({"operation": "reject", "id": "t-1", "step": "goods"}, "reason is None: this operation needs it as text"),
    (
        {"operation": "reject", "id": "t-1", "step": "goods", "reason": "x" * 2001},
        "this operation needs it as text of 1 to",
    ),
]


def operations(world: World) -> ControlOperations:
    return ControlOperations(
        SagaContext("order", STEPS, world.services, "v1"), EventEngine(world.services, {}), "money"
    )


@pytest.mark.parametrize(("operation", "error"), OPERATIONS)
def test_an_order_that_is_none_is_refused_by_name(operation: dict[str, Any], error: str, world: World) -> None:
    before = everything(world)
    with pytest.raises(BadCommand) as caught:
        operations(world).perform(operation)
    assert error in str(caught.value)
    assert everything(world) == before


@pytest.mark.parametrize(
    "operation",
    [
        {"operation": "resume", "id": "stranger"},
        {"operation": "skip", "id": "stranger", "step": "goods", "reason": "so"},
        {"operation": "skip", "id": "t-1", "step": "goods#1", "reason": "so"},
        {"operation": "resume", "id": "t-1"},
    ],
)
def test_an_order_for_a_stranger_or_a_saga_that_is_not_stuck_changes_nothing(
    operation: dict[str, Any], world: World
) -> None:
    before = everything(world)
    assert "not stuck" in operations(world).perform(operation)["refused"]
    assert everything(world) == before


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        ({"id": "stranger", "step": "goods"}, "'goods' of saga 'stranger' waits for no callback: it is not begun"),
        ({"id": "t-1", "step": "gold"}, "'gold' of saga 't-1' waits for no callback: it is not begun"),
        ({"id": "t-1", "step": "goods#1"}, "'goods#1' of saga 't-1' waits for no callback: it is not begun"),
        ({"id": "t-1", "step": "META"}, "'META' of saga 't-1' waits for no callback: it is not begun"),
    ],
)
@pytest.mark.parametrize("answer", [{"operation": "complete", "result": {}}, {"operation": "reject", "reason": "no"}])
def test_an_answer_to_a_stranger_or_to_a_step_that_has_not_asked_changes_nothing(
    answer: dict[str, Any], operation: dict[str, Any], error: str, world: World
) -> None:
    before = everything(world)
    assert operations(world).perform({**answer, **operation})["refused"] == error
    assert everything(world) == before


@pytest.mark.parametrize("saga_id", ["", "a/b", "a b", "t-1\n", "#META", "\U0001f4a5", "x" * 65, "-t"])
def test_the_client_sends_nothing_under_an_id_that_no_saga_can_have(saga_id: str, world: World) -> None:
    before = everything(world)
    target = Target(name="order", version="v1", style="choreographed", where="bus", recovery="recovery")
    calls = (
        lambda: start(target, saga_id, {}, services=world.services),
        lambda: cancel(target, saga_id, services=world.services),
        lambda: resume(target, saga_id, services=world.services),
        lambda: skip(target, saga_id, "goods", "so", services=world.services),
    )
    for call in calls:
        with pytest.raises(BadCommand, match=r"saga\.id is .*: use 1 to 64 letters"):
            call()
    assert everything(world) == before
