"""External effect: an external effect is claimed for a while, so that nobody undoes it while it may still happen."""

from typing import Any

import pytest

from saga_runtime import Command, PastPivot, Rejected, SagaFenced
from saga_runtime.errors import Leased
from saga_runtime.handlers import ExternalHandler
from shop import Crashed, payload
from world import World

LATER = 100.0
FAILED_HERE = {"step": "goods", "outcome": "unknown", "Error": "Timeout", "Cause": ""}


def test_an_action_is_two_requests(world: World) -> None:
    world.call(payload("charge"))
    assert world.requests == ["UpdateItem", "UpdateItem"]
    assert (world.shop.outside, world.step()) == ({"order.t-1.goods": "charged"}, "DONE")


def test_a_first_and_last_action_begins_and_completes_the_saga(world: World) -> None:
    world.call(payload("charge", first=True, ends={"succeeded": "COMPLETED"}))
    assert world.requests == ["TransactWriteItems", "TransactWriteItems"]
    assert world.meta() == "COMPLETED"


def test_a_duplicate_returns_the_stored_result_without_calling_outside(world: World) -> None:
    first = world.call(payload("charge", first=True))
    assert world.call(payload("charge", first=True)) == first
    assert world.shop.calls == ["charge"]


def test_an_action_that_crashed_is_not_tried_again_while_it_may_still_happen(world: World) -> None:
    world.shop.raises = Crashed()
    with pytest.raises(Crashed):
        world.call(payload("charge", first=True), milliseconds=3000)
    with pytest.raises(Leased) as caught:
        world.call(payload("charge", first=True))
    assert caught.value.retry_after == pytest.approx(5.0)
    assert world.shop.calls == ["charge"]


def test_an_action_that_raised_releases_its_claim_and_is_tried_again_at_once(world: World) -> None:
    for _ in range(2):
        world.shop.raises = TimeoutError("no answer")
        world.requests.clear()
        with pytest.raises(TimeoutError):
            world.call(payload("charge"))
        assert world.requests == ["UpdateItem", "UpdateItem"]
        world.clock[0] += 1
    world.shop.raises = None
    assert world.call(payload("charge"))["results"]["goods"] == {"receipt": "order.t-1.goods"}
    assert world.item("STEP#0#goods")["f"] == "2"


def test_a_lease_that_is_met_names_the_last_error(world: World) -> None:
    for error in (TimeoutError("no answer"), Crashed()):
        world.shop.raises = error
        with pytest.raises(type(error)):
            world.call(payload("charge", first=True))
    with pytest.raises(Leased, match="at work in another delivery; its last error: TimeoutError: no answer"):
        world.call(payload("charge", first=True))


def test_after_the_lease_the_action_is_tried_again_under_the_same_key(world: World) -> None:
    world.shop.raises = TimeoutError("no answer")
    with pytest.raises(TimeoutError):
        world.call(payload("charge", first=True))
    world.shop.raises, world.clock[0] = None, world.clock[0] + LATER
    assert world.call(payload("charge", first=True))["results"]["goods"] == {"receipt": "order.t-1.goods"}
    assert world.shop.outside == {"order.t-1.goods": "charged"}


def test_a_rejection_is_recorded_and_repeated(world: World) -> None:
    world.shop.raises = Rejected("card declined")
    for _ in range(2):
        with pytest.raises(Rejected, match="card declined"):
            world.call(payload("charge", first=True))
    assert (world.shop.calls, world.step(), world.meta()) == (["charge"], "FAILED", "COMPENSATING")


def test_undoing_a_known_effect_is_two_requests(world: World) -> None:
    world.call(payload("charge"))
    world.requests.clear()
    world.call(payload("refund", "compensation"))
    assert world.requests == ["UpdateItem", "UpdateItem"]
    assert (world.shop.outside, world.step()) == ({}, "UNDONE")


def test_undoing_nothing_is_one_request_and_blocks_a_late_action(world: World) -> None:
    world.call(payload("refund", "compensation"))
    assert (world.requests, world.shop.calls) == (["UpdateItem"], [])
    with pytest.raises(SagaFenced):
        world.call(payload("charge"))
    assert world.shop.calls == []


def test_undoing_waits_for_an_action_that_may_still_be_at_work_and_stops_the_next(world: World) -> None:
    world.shop.raises = Crashed()
    with pytest.raises(Crashed):
        world.call(payload("charge", first=True))
    world.shop.raises = None
    with pytest.raises(Leased):
        world.call(payload("refund", "compensation", failure=FAILED_HERE))
    world.clock[0] += LATER
    with pytest.raises(SagaFenced):
        world.call(payload("charge", first=True))
    world.call(payload("refund", "compensation", failure=FAILED_HERE, ends={"compensated": "COMPENSATED"}))
    assert (world.shop.outside, world.step(), world.meta()) == ({}, "UNDONE", "COMPENSATED")


def test_undoing_twice_undoes_once(world: World) -> None:
    world.call(payload("charge", first=True))
    for _ in range(2):
        world.call(payload("refund", "compensation", failure=FAILED_HERE, ends={"compensated": "COMPENSATED"}))
    assert (world.shop.calls, world.meta()) == (["charge", "refund"], "COMPENSATED")


def test_an_undo_that_raised_is_tried_again_at_once(world: World) -> None:
    world.call(payload("charge", first=True))
    world.shop.raises = RuntimeError("down")
    with pytest.raises(RuntimeError):
        world.call(payload("refund", "compensation", failure=FAILED_HERE))
    world.shop.raises = None
    world.call(payload("refund", "compensation", failure=FAILED_HERE, ends={"compensated": "COMPENSATED"}))
    assert (world.shop.outside, world.meta()) == ({}, "COMPENSATED")


def test_an_undo_that_crashed_is_tried_again_after_its_lease(world: World) -> None:
    world.call(payload("charge", first=True))
    world.shop.raises = Crashed()
    with pytest.raises(Crashed):
        world.call(payload("refund", "compensation", failure=FAILED_HERE))
    world.shop.raises = None
    with pytest.raises(Leased):
        world.call(payload("refund", "compensation", failure=FAILED_HERE))
    world.clock[0] += LATER
    world.call(payload("refund", "compensation", failure=FAILED_HERE, ends={"compensated": "COMPENSATED"}))
    assert (world.shop.outside, world.meta()) == ({}, "COMPENSATED")


def test_a_completed_saga_is_never_refunded(world: World) -> None:
    world.call(payload("charge", first=True, ends={"succeeded": "COMPLETED"}))
    with pytest.raises(PastPivot, match="COMPLETED"):
        world.call(payload("refund", "compensation", failure=FAILED_HERE))
    assert (world.shop.outside, world.step()) == ({"order.t-1.goods": "charged"}, "DONE")


def test_a_claim_taken_over_cannot_be_completed(world: World) -> None:
    def refund_meanwhile() -> None:
        world.shop.raises = None
        world.clock[0] += LATER
        world.call(payload("refund", "compensation", failure=FAILED_HERE))

    def slow(command: Command) -> dict[str, Any]:
        result = charge(command)
        refund_meanwhile()
        return result

    charge: Any = world.participant.handlers["charge"].run
    world.participant.handlers["charge"] = ExternalHandler("charge", world.participant, slow)
    with pytest.raises(SagaFenced, match="UNDONE"):
        world.call(payload("charge", first=True))
    assert world.shop.outside == {}
