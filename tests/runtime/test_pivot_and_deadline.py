"""The point of no return, and the deadline: what may still begin, and what may no longer be undone."""

import pytest

from saga_runtime import PastPivot, Rejected, SagaFenced
from saga_runtime.errors import Leased, RejectedPastPivot
from saga_runtime.ledger import SagaKey, Sagas, Store
from shop import Crashed, payload
from world import World

FAILED_HERE = {"step": "goods", "outcome": "unknown", "Error": "Timeout", "Cause": ""}


def abort(world: World) -> str:
    return Sagas(Store(world.services)).abort(SagaKey("order", "t-1"), ("goods", "card")).status


@pytest.mark.parametrize("handler", ["reserve", "charge"])
def test_the_pivot_commits_the_saga(world: World, handler: str) -> None:
    world.call(payload("reserve", step="before", first=True))
    world.call(payload(handler, pivot=True))
    assert world.meta() == "COMMITTED"


@pytest.mark.parametrize(("act", "undo"), [("reserve", "release"), ("charge", "refund")])
def test_past_the_pivot_nothing_is_undone(world: World, act: str, undo: str) -> None:
    world.call(payload("reserve", step="before", first=True))
    world.call(payload(act, pivot=True))
    with pytest.raises(PastPivot, match="COMMITTED"):
        world.call(payload(undo, "compensation", failure=FAILED_HERE))
    assert world.step() == "DONE"


def test_cancel_before_the_pivot_wins(world: World) -> None:
    world.call(payload("reserve", step="before", first=True))
    assert abort(world) == "COMPENSATING"
    with pytest.raises(SagaFenced):
        world.call(payload("reserve", pivot=True))
    assert (world.stock(), world.meta()) == (4, "COMPENSATING")


def test_the_pivot_before_cancel_wins(world: World) -> None:
    world.call(payload("reserve", step="before", first=True))
    world.call(payload("reserve", pivot=True))
    assert abort(world) == "COMMITTED"
    world.call(payload("reserve", step="card", after_pivot=True, ends={"succeeded": "COMPLETED"}))
    assert world.meta() == "COMPLETED"


def test_an_unfenced_pivot_of_a_saga_on_its_compensation_is_refused_by_the_sagas_own_item(world: World) -> None:
    world.call(payload("reserve", step="before", first=True))
    world.shop.raises = Rejected("no")
    with pytest.raises(Rejected):
        world.call(payload("reserve", step="other"))
    world.shop.raises = None
    with pytest.raises(SagaFenced, match="COMPENSATING"):
        world.call(payload("reserve", pivot=True))
    assert world.stock() == 4


@pytest.mark.parametrize("handler", ["reserve", "charge"])
def test_a_no_after_the_pivot_is_not_recorded_so_that_it_can_become_a_yes(world: World, handler: str) -> None:
    world.call(payload("reserve", step="before", first=True, pivot=True))
    world.shop.raises = Rejected("closed")
    with pytest.raises(RejectedPastPivot, match="says no after the pivot: closed"):
        world.call(payload(handler, after_pivot=True))
    assert (world.meta(), world.step() in {"TRIED", "STARTED"}) == ("COMMITTED", True)
    world.shop.raises, world.clock[0] = None, world.clock[0] + 100
    world.call(payload(handler, after_pivot=True))
    assert world.step() == "DONE"


@pytest.mark.parametrize("handler", ["reserve", "charge"])
def test_no_action_begins_after_the_deadline(world: World, handler: str) -> None:
    late = payload(handler, first=True)
    late["saga"]["deadline"] = int(world.clock[0])
    with pytest.raises(Rejected, match="deadline: 'goods' came 0 s after"):
        world.call(late)
    assert (world.stock(), world.shop.calls, world.meta()) == (5, [], "COMPENSATING")


def test_a_repetition_after_the_deadline_returns_what_was_done_before_it(world: World) -> None:
    command = payload("reserve", first=True)
    command["saga"]["deadline"] = int(world.clock[0]) + 1
    answer = world.call(command)
    world.clock[0] += 10
    assert world.call(command) == answer


def test_after_the_pivot_the_deadline_stops_nothing(world: World) -> None:
    command = payload("reserve", after_pivot=True)
    command["saga"]["deadline"] = 1
    world.call(command)
    assert world.step() == "DONE"


def test_an_external_action_begun_before_the_deadline_goes_on_because_it_may_have_happened(world: World) -> None:
    command = payload("charge", first=True)
    command["saga"]["deadline"] = int(world.clock[0]) + 1
    world.shop.raises = TimeoutError("no answer")
    with pytest.raises(TimeoutError):
        world.call(command)
    world.shop.raises, world.clock[0] = None, world.clock[0] + 100
    world.call(command)
    assert (world.step(), world.shop.outside) == ("DONE", {"order.t-1.goods": "charged"})


def test_an_external_action_done_before_the_deadline_returns_what_it_did(world: World) -> None:
    command = payload("charge", first=True)
    command["saga"]["deadline"] = int(world.clock[0]) + 1
    answer = world.call(command)
    world.clock[0] += 100
    assert world.call(command) == answer


def test_a_lease_that_runs_past_the_deadline_is_still_waited_for(world: World) -> None:
    command = payload("charge", first=True)
    command["saga"]["deadline"] = int(world.clock[0]) + 1
    world.shop.raises = Crashed()
    with pytest.raises(Crashed):
        world.call(command)
    world.clock[0] += 2
    with pytest.raises(Leased):
        world.call(command)
