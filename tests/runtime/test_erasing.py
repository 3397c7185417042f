"""Erasing an ended saga: nothing of what its customer sent is left in the ledger, and it has still ended."""

from dataclasses import replace
from typing import Any, Final

import pytest

from operations_fixture import HANDLERS, employed
from operations_fixture import TARGET as ORDER
from saga_runtime import BadCommand, InputMismatch, Rejected, SagaFenced
from saga_runtime.client import OperationRefused, SagaUnknown, erase, status
from saga_runtime.ledger import SagaKey
from saga_runtime.recovery import ControlOperations, EventEngine
from shop import payload
from world import AWS, World

EVENTS: Final = {"goods": "saga.started", "card": "goods.succeeded", "note": "card.succeeded"}
MARKER: Final = "4111 1111 1111 1111"
GIVEN: Final = {"card": MARKER}
TARGET: Final = replace(ORDER, ledger="ledger", steps={"goods": True})


@pytest.fixture(autouse=True)
def operations(world: World) -> ControlOperations:
    return employed(world, {**HANDLERS, "goods": ["reserve", "release"]}, EventEngine(world.services, EVENTS))


def held(marker: str = MARKER) -> list[str]:
    """The attributes of ledger items that hold the customer's value."""
    items = AWS.client("dynamodb").scan(TableName="ledger")["Items"]
    return [f"{item['sk']['S']}.{name}" for item in items for name, value in item.items() if marker in str(value)]


def completed(world: World) -> None:
    world.shop.answer = {"told": MARKER}
    world.call(payload("reserve", first=True, last=True, given=GIVEN, ends={"succeeded": "COMPLETED"}))


def rejected(world: World) -> None:
    world.shop.raises = Rejected(f"no credit for {MARKER}")
    with pytest.raises(Rejected):
        world.call(payload("reserve", first=True, given=GIVEN, ends={"rejected": "COMPENSATED"}))
    world.shop.raises = None


def undone(world: World) -> None:
    """After an attempt that raised, a step that waited, and a compensation that raised."""
    world.shop.raises = RuntimeError(MARKER)
    with pytest.raises(RuntimeError):
        world.call(payload("reserve", first=True, given=GIVEN))
    world.shop.raises, world.shop.answer = None, {"told": MARKER}
    world.call(payload("reserve", first=True, given=GIVEN))
    world.shop.pending, world.shop.answer = True, None
    world.call(payload("charge", step="card", given=GIVEN, results={"goods": {"told": MARKER}}, callback_timeout=600))
    world.shop.pending = False
    world.call(payload("refund", "compensation", step="card", given=GIVEN, results={"goods": {"told": MARKER}}))
    world.shop.raises = RuntimeError(MARKER)
    with pytest.raises(RuntimeError):
        world.call(_release(world))
    world.shop.raises = None
    world.call(_release(world))


def skipped(world: World) -> None:
    world.shop.answer = {"told": MARKER}
    world.call(payload("reserve", first=True, given=GIVEN))
    operations = world.services.__dict__["functions"].operations
    operations.context.sagas.mark_stuck(SagaKey("order", "t-1"), ["goods"], f"TimeoutError: {MARKER}")
    operations.perform({"operation": "skip", "id": "t-1", "step": "goods", "reason": f"paid back to {MARKER}"})
    world.call(_release(world))


def _release(world: World) -> dict[str, Any]:
    del world
    failure = {"step": "card", "outcome": "unknown", "Error": "E", "Cause": MARKER}
    ends = {"compensated": "COMPENSATED"}
    given: Any = {"given": GIVEN, "results": {"goods": {"told": MARKER}}, "failure": failure}
    return payload("release", "compensation", final=True, ends=ends, **given)


ENDED: Final = [completed, rejected, undone, skipped]


@pytest.mark.parametrize("brought", ENDED, ids=lambda one: one.__name__)
def test_nothing_of_the_customer_is_left_and_the_state_stays(world: World, brought: Any) -> None:
    brought(world)
    before = status(TARGET, "t-1", services=world.services)
    assert held()
    for _ in range(2):
        assert erase(TARGET, "t-1", services=world.services) == before.state
        assert held() == []
    after = status(TARGET, "t-1", services=world.services)
    assert (after.state, after.ended, [step.outcome for step in after.steps]) == (
        before.state,
        before.ended,
        [step.outcome for step in before.steps],
    )


def test_a_late_message_of_an_erased_saga_changes_nothing(world: World) -> None:
    undone(world)
    erase(TARGET, "t-1", services=world.services)
    stock = world.stock()
    with pytest.raises(SagaFenced):
        world.call(payload("reserve", first=True, given=GIVEN))
    world.call(_release(world))
    assert (world.stock(), world.meta()) == (stock, "COMPENSATED")


def test_the_id_of_an_erased_saga_is_still_taken(world: World) -> None:
    completed(world)
    erase(TARGET, "t-1", services=world.services)
    with pytest.raises(InputMismatch):
        world.call(payload("reserve", first=True, given={"card": "another"}))


def test_a_repetition_after_the_erasure_is_answered_without_the_result(world: World) -> None:
    completed(world)
    erase(TARGET, "t-1", services=world.services)
    again = world.call(payload("reserve", first=True, last=True, given=GIVEN, ends={"succeeded": "COMPLETED"}))
    assert (again["results"], world.stock()) == ({"goods": {}}, 4)


def test_a_saga_that_goes_on_is_not_erased(world: World) -> None:
    world.call(payload("reserve", first=True, given=GIVEN))
    for state in ("RUNNING", "STUCK"):
        with pytest.raises(OperationRefused, match=f"is {state}: one that has not ended needs"):
            erase(TARGET, "t-1", services=world.services)
        assert held()
        operations = world.services.__dict__["functions"].operations
        operations.context.sagas.mark_stuck(SagaKey("order", "t-1"), ["goods"], "TimeoutError")


def test_what_is_not_there_is_said(world: World) -> None:
    with pytest.raises(SagaUnknown):
        erase(TARGET, "t-9", services=world.services)
    with pytest.raises(BadCommand):
        erase(TARGET, "../t-1", services=world.services)
