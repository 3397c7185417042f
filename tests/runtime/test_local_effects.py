"""Local effect: the business writes and the ledger are one transaction, and one request."""

import pytest

from saga_runtime import InputMismatch, PastPivot, Rejected, SagaFenced
from saga_runtime.ledger import SagaKey, Sagas, Store
from shop import payload
from world import World

FAILED_HERE = {"step": "goods", "outcome": "unknown", "Error": "Timeout", "Cause": ""}


def test_a_first_action_is_one_request_the_sagas_own_item_included(world: World) -> None:
    answer = world.call(payload("reserve", first=True))
    assert world.requests == ["TransactWriteItems"]
    assert (world.stock(), world.step(), world.meta()) == (4, "DONE", "RUNNING")
    assert answer["results"] == {"goods": {"reserved": "order.t-1.goods"}}


def test_a_duplicate_returns_the_stored_result_in_one_request(world: World) -> None:
    first = world.call(payload("reserve", first=True))
    world.requests.clear()
    assert world.call(payload("reserve", first=True)) == first
    assert world.requests == ["TransactWriteItems"]
    assert world.stock() == 4


def test_a_duplicate_of_the_last_item_is_not_taken_for_sold_out(world: World) -> None:
    for n in range(5):
        world.call(payload("reserve", saga_id=f"t-{n}", first=True))
    assert world.call(payload("reserve", saga_id="t-4", first=True))["results"]["goods"]
    assert world.stock() == 0


def test_the_last_action_completes_the_saga_in_the_same_request(world: World) -> None:
    world.call(payload("reserve", first=True))
    world.requests.clear()
    world.call(payload("reserve", step="more", ends={"succeeded": "COMPLETED"}))
    assert world.requests == ["TransactWriteItems"]
    assert world.meta() == "COMPLETED"


def test_a_saga_of_one_step_begins_and_completes_in_one_request(world: World) -> None:
    world.call(payload("reserve", first=True, ends={"succeeded": "COMPLETED"}))
    assert (world.requests, world.meta()) == (["TransactWriteItems"], "COMPLETED")


def test_a_failed_business_condition_is_a_recorded_rejection(world: World) -> None:
    for n in range(5):
        world.call(payload("reserve", saga_id=f"t-{n}", first=True))
    with pytest.raises(Rejected, match="sold out"):
        world.call(payload("reserve", saga_id="t-9", first=True))
    assert (world.stock(), world.step(saga_id="t-9"), world.meta("t-9")) == (0, "FAILED", "COMPENSATING")


def test_a_rejected_first_step_with_nothing_to_undo_ends_the_saga(world: World) -> None:
    world.shop.raises = Rejected("no")
    with pytest.raises(Rejected, match="no"):
        world.call(payload("reserve", first=True, ends={"rejected": "COMPENSATED"}))
    assert world.meta() == "COMPENSATED"


def test_a_rejection_is_repeated_not_reconsidered(world: World) -> None:
    world.shop.raises = Rejected("no")
    with pytest.raises(Rejected, match="no"):
        world.call(payload("reserve", first=True))
    world.shop.raises = None
    with pytest.raises(Rejected, match="no"):
        world.call(payload("reserve", first=True))
    assert world.stock() == 5


def test_a_concurrent_success_wins_over_a_rejection(world: World) -> None:
    first = world.call(payload("reserve", first=True))
    world.shop.raises = Rejected("no")
    assert world.call(payload("reserve", first=True)) == first


def test_another_error_is_counted_and_nothing_else_is_recorded(world: World) -> None:
    world.shop.raises = RuntimeError("broken")
    with pytest.raises(RuntimeError, match="broken"):
        world.call(payload("reserve", first=True))
    assert (world.stock(), world.step(), world.meta()) == (5, "TRIED", None)
    assert world.requests == ["UpdateItem"]
    world.shop.raises = None
    assert world.call(payload("reserve", first=True))["results"]["goods"]
    assert (world.stock(), world.step(), world.item("STEP#0#goods")["ferr"]) == (4, "DONE", "RuntimeError: broken")


@pytest.mark.parametrize("late", [False, True])
def test_an_action_that_raised_before_is_stopped_like_any_other(world: World, late: bool) -> None:  # noqa: FBT001 # a parameter
    world.shop.raises = RuntimeError("broken")
    with pytest.raises(RuntimeError):
        world.call(payload("reserve"))
    world.shop.raises = None
    if late:
        Sagas(Store(world.services)).record_failed_compensation(SagaKey("order", "t-1"), "goods", "given up")
    else:
        world.call(payload("release", "compensation", failure=FAILED_HERE))
        assert (world.step(), world.item("STEP#0#goods")["ferr"]) == ("VOID", "RuntimeError: broken")
    with pytest.raises(SagaFenced):
        world.call(payload("reserve"))
    assert world.stock() == 5


def test_the_id_of_another_saga_is_refused_and_nothing_is_touched(world: World) -> None:
    world.call(payload("reserve", first=True))
    with pytest.raises(InputMismatch, match="t-1"):
        world.call(payload("reserve", given={"n": 2}, first=True))
    with pytest.raises(InputMismatch):
        world.call(payload("release", "compensation", given={"n": 2}, failure=FAILED_HERE))
    assert (world.stock(), world.step(), world.meta()) == (4, "DONE", "RUNNING")


def test_undoing_a_known_effect_is_one_request(world: World) -> None:
    results = world.call(payload("reserve", first=True))["results"]
    world.requests.clear()
    world.call(payload("release", "compensation", results=results))
    assert world.requests == ["TransactWriteItems"]
    assert (world.stock(), world.step()) == (5, "UNDONE")


def test_undoing_an_effect_nobody_was_told_of_finds_it_in_the_ledger(world: World) -> None:
    world.call(payload("reserve", first=True))
    world.call(payload("release", "compensation", failure=FAILED_HERE, ends={"compensated": "COMPENSATED"}))
    assert (world.stock(), world.step(), world.meta()) == (5, "UNDONE", "COMPENSATED")


def test_undoing_nothing_changes_nothing_in_one_request(world: World) -> None:
    world.call(payload("release", "compensation", failure=FAILED_HERE, ends={"compensated": "COMPENSATED"}))
    assert world.requests == ["TransactWriteItems"]
    assert (world.stock(), world.step(), world.meta()) == (5, "VOID", "COMPENSATED")
    assert world.shop.calls == []


def test_undoing_twice_undoes_once(world: World) -> None:
    results = world.call(payload("reserve", first=True))["results"]
    for _ in range(2):
        world.call(payload("release", "compensation", results=results, ends={"compensated": "COMPENSATED"}))
    assert (world.stock(), world.meta()) == (5, "COMPENSATED")


def test_undoing_a_rejected_action_changes_nothing(world: World) -> None:
    world.shop.raises = Rejected("no")
    with pytest.raises(Rejected):
        world.call(payload("reserve", first=True))
    world.call(payload("release", "compensation", failure=FAILED_HERE))
    assert (world.stock(), world.step()) == (5, "FAILED")


@pytest.mark.parametrize("known", [True, False])
def test_a_late_action_is_refused_after_its_compensation(world: World, *, known: bool) -> None:
    if known:
        world.call(payload("reserve", first=True))
    world.call(payload("release", "compensation", failure=FAILED_HERE))
    with pytest.raises(SagaFenced, match="too late"):
        world.call(payload("reserve", first=True))
    assert world.stock() == 5


def test_a_completed_saga_is_never_undone(world: World) -> None:
    world.call(payload("reserve", first=True, ends={"succeeded": "COMPLETED"}))
    with pytest.raises(PastPivot, match="COMPLETED"):
        world.call(payload("release", "compensation", failure=FAILED_HERE, ends={"compensated": "COMPENSATED"}))
    assert (world.stock(), world.meta()) == (4, "COMPLETED")


def test_a_compensation_that_fails_leaves_the_effect_for_the_next_attempt(world: World) -> None:
    world.call(payload("reserve", first=True))
    world.shop.raises = RuntimeError("down")
    with pytest.raises(RuntimeError, match="down"):
        world.call(payload("release", "compensation", failure=FAILED_HERE))
    assert (world.stock(), world.step()) == (4, "DONE")
