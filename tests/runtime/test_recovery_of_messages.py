"""Recovery of the choreographed style: what was delivered without success is told to the saga, and nothing is lost."""

import json
from typing import Any

import pytest

from recovery_fixture import KEY, STEPS, Queue, give_up, sagas, told
from saga_runtime import Rejected
from saga_runtime.client import Target, list_sagas, status
from saga_runtime.envelope import parse
from saga_runtime.ledger import SagaKey
from saga_runtime.recovery import SagaContext
from shop import payload
from world import World

IN_VAIN = "RetriesUsedUp: the {} of {!r} was delivered, and no attempt has come to an end"
# Another version is deployed meanwhile.
TARGET = Target(name="order", version="v2", style="choreographed", where="bus", ledger="ledger", steps={"goods": True})


@pytest.mark.usefixtures("queue")
def test_an_action_delivered_in_vain_fences_the_saga_and_becomes_unknown(world: World) -> None:
    world.call(payload("reserve", first=True))
    give_up(world, payload("charge", step="card"))
    assert told(world) == ["card.unknown"]
    assert world.meta() == "COMPENSATING"
    assert "fence" in world.item("STEP#0#card")
    detail = json.loads(world.published[0]["Detail"])
    assert detail["results"] == {"goods": {"reserved": "order.t-1.goods"}}
    assert detail["failure"]["recorded"] is True


@pytest.mark.usefixtures("queue")
def test_a_saga_that_never_began_is_closed_before_it_can(world: World) -> None:
    world.requests.clear()
    give_up(world, payload("reserve", first=True))
    assert (world.meta(), told(world)) == ("COMPENSATED", ["goods.unknown"])
    assert world.requests == ["Query", "TransactWriteItems", "TransactWriteItems", "Query"]


@pytest.mark.usefixtures("queue")
def test_a_saga_closed_before_it_began_shows_what_it_would_have_been(world: World) -> None:
    give_up(world, payload("reserve", first=True))
    seen = status(TARGET, "t-1", services=world.services)
    assert (seen.version, seen.input, seen.started) == ("v1", {"n": 1}, 1_000_000)
    assert (seen.state, seen.ended) == ("COMPENSATED", world.clock[0])
    assert (seen.why, seen.failed_at) == (f"goods: unknown: {IN_VAIN.format('action', 'goods')}", "goods")
    assert [one.id for one in list_sagas(TARGET, version="v1", services=world.services)] == ["t-1"]


@pytest.mark.usefixtures("queue")
def test_an_action_that_committed_but_could_not_say_so_completes_the_saga(world: World) -> None:
    last = payload("reserve", first=True, ends={"succeeded": "COMPLETED"})
    world.call(last)
    world.published.clear()
    give_up(world, last)
    assert (told(world), world.meta(), world.stock()) == (["saga.completed"], "COMPLETED", 4)


@pytest.mark.usefixtures("queue")
def test_an_action_that_was_done_but_could_not_say_so_says_it(world: World) -> None:
    world.call(payload("reserve", first=True))
    give_up(world, payload("reserve", first=True))
    assert (told(world), world.meta()) == (["goods.succeeded"], "RUNNING")


@pytest.mark.usefixtures("queue")
@pytest.mark.parametrize(("ends", "event"), [({}, "goods.rejected"), ({"rejected": "COMPENSATED"}, "saga.compensated")])
def test_a_rejection_that_could_not_say_so_says_it(world: World, ends: dict[str, str], event: str) -> None:
    world.shop.raises = Rejected("sold out")
    with pytest.raises(Rejected):
        world.call(payload("reserve", first=True, ends=ends))
    world.published.clear()
    give_up(world, payload("reserve", first=True, ends=ends))
    assert told(world) == [event]
    assert json.loads(world.published[0]["Detail"])["failure"]["Cause"] == "sold out"


@pytest.mark.usefixtures("queue")
def test_a_first_action_that_fails_in_a_saga_cancelled_before_it_began_ends_it(world: World) -> None:
    SagaContext("order", STEPS, world.services, "v1").sagas.abort(
        SagaKey("order", "t-1"), tuple(STEPS), on_behalf_of="#cancel"
    )
    give_up(world, payload("reserve", first=True))
    assert (told(world), world.meta()) == (["saga.compensated"], "COMPENSATED")


@pytest.mark.usefixtures("queue")
def test_a_late_message_does_not_start_a_second_compensation_in_the_middle(world: World) -> None:
    world.call(payload("reserve", first=True))
    give_up(world, payload("charge", step="card"))
    world.published.clear()
    give_up(world, payload("reserve", first=True))
    assert (told(world), world.meta()) == ([], "COMPENSATING")


@pytest.mark.usefixtures("queue")
def test_a_compensation_that_was_begun_but_not_told_is_told_by_the_next_delivery(world: World) -> None:
    world.call(payload("reserve", first=True))
    for _ in range(2):
        give_up(world, payload("charge", step="card"))
    assert told(world) == ["card.unknown", "card.unknown"]


@pytest.mark.usefixtures("queue")
def test_a_saga_aborted_while_another_delivery_was_faster_is_undone_from_its_very_end(world: World) -> None:
    """What follows the faster one may have begun, so undoing would otherwise begin in the middle."""
    reserve = payload("reserve", first=True)
    world.call(reserve)
    SagaContext("order", STEPS, world.services, "v1").sagas.abort(
        SagaKey("order", "t-1"), tuple(STEPS), on_behalf_of="goods"
    )
    give_up(world, reserve)
    assert told(world) == ["card.unknown"]


@pytest.mark.usefixtures("queue")
def test_with_nothing_to_undo_recovery_closes_the_saga_itself(world: World) -> None:
    give_up(world, payload("reserve", first=True, ends={"unknown": "COMPENSATED"}))
    assert (told(world), world.meta()) == (["saga.compensated"], "COMPENSATED")


def test_a_compensation_delivered_in_vain_is_stuck_and_kept(world: World, queue: Queue) -> None:
    world.call(payload("reserve", first=True))
    undo = payload("release", "compensation", failure={"outcome": "unknown"})
    give_up(world, undo)
    assert (told(world), world.meta()) == (["saga.stuck"], "STUCK")
    body, reason = queue.parked[0]
    assert json.loads(body) == undo
    assert reason == f"saga 't-1' is stuck at the compensation of 'goods': {IN_VAIN.format('compensation', 'goods')}"


def test_copies_of_a_dead_letter_that_waits_already_are_counted_and_not_kept(world: World, queue: Queue) -> None:
    """Each would make another copy when it is redriven, and so on: they once filled a queue with one saga."""
    world.call(payload("reserve", first=True))
    undo = payload("release", "compensation", failure={"outcome": "unknown"})
    for message in ("m1", "m2", "m3"):
        give_up(world, undo, message=message)
    assert (len(queue.parked), told(world)) == (1, ["saga.stuck"])
    # Whoever resumes meanwhile learns that what he set going has failed too.
    seen = sagas(world).state(KEY)
    give_up(world, undo, message="m4")
    assert not sagas(world).clear_stuck(KEY, seen)


def test_a_recovery_that_died_before_it_kept_the_dead_letter_keeps_it_the_next_time(world: World, queue: Queue) -> None:
    world.call(payload("reserve", first=True))
    undo = payload("release", "compensation", failure={"outcome": "unknown"})
    for _ in range(2):
        give_up(world, undo, message="m1")
    assert len(queue.parked) == 2


def test_a_dead_letter_that_has_left_its_queue_makes_room_for_the_next(world: World, queue: Queue) -> None:
    world.call(payload("reserve", first=True))
    undo = payload("release", "compensation", failure={"outcome": "unknown"})
    give_up(world, undo, message="m1")
    assert sagas(world).take_dead_letter(KEY, sagas(world).state(KEY))
    give_up(world, undo, message="m2")
    assert len(queue.parked) == 2


def test_a_stuck_saga_goes_on_where_its_message_is_delivered_again(world: World, queue: Queue) -> None:
    world.call(payload("reserve", first=True))
    give_up(
        world, payload("release", "compensation", failure={"outcome": "unknown"}, ends={"compensated": "COMPENSATED"})
    )
    world.call(json.loads(queue.parked[0][0]))
    assert (world.meta(), world.stock()) == ("COMPENSATED", 5)


def test_a_compensation_that_was_done_but_could_not_say_so_says_it(world: World, queue: Queue) -> None:
    undo = payload("release", "compensation", failure={"outcome": "rejected", "recorded": True})
    world.call(undo)
    give_up(world, undo)
    assert (told(world), queue.parked) == (["goods.compensated"], [])


@pytest.mark.usefixtures("queue")
def test_the_last_compensation_of_a_fenced_action_delivered_in_vain_ends_the_saga(world: World) -> None:
    world.call(payload("reserve", step="before", first=True))
    SagaContext("order", STEPS, world.services, "v1").sagas.abort(SagaKey("order", "t-1"), tuple(STEPS))
    give_up(world, payload("release", "compensation", failure={"recorded": True}, ends={"compensated": "COMPENSATED"}))
    assert (told(world), world.meta()) == (["saga.compensated"], "COMPENSATED")


def test_a_late_duplicate_of_the_last_compensation_does_not_make_an_ended_saga_stuck(
    world: World, queue: Queue
) -> None:
    undo = payload("release", "compensation", failure={"outcome": "unknown"}, ends={"compensated": "COMPENSATED"})
    world.call(undo)
    world.published.clear()
    give_up(world, undo)
    assert (told(world), queue.parked, world.meta()) == (["saga.compensated"], [], "COMPENSATED")


@pytest.mark.parametrize("body", ["{", "7", '{"task": {}}'])
def test_what_nobody_can_read_is_kept_with_the_reason(world: World, queue: Queue, body: str) -> None:
    give_up(world, body)
    assert [kept for kept, _ in queue.parked] == [body]
    assert (told(world), world.requests) == ([], [])


def test_an_event_that_could_not_be_delivered_gets_another_day(world: World, queue: Queue) -> None:
    event = {"source": "saga.order", "detail-type": "goods.succeeded", "detail": payload("reserve")["saga"]}
    give_up(world, event)
    assert (told(world), queue.parked) == (["goods.succeeded"], [])


def test_an_event_of_a_stranger_is_kept(world: World, queue: Queue) -> None:
    give_up(world, {"source": "elsewhere", "detail-type": "goods.succeeded", "detail": {}})
    assert (told(world), len(queue.parked)) == ([], 1)


def test_a_message_of_another_saga_is_kept(world: World, queue: Queue) -> None:
    give_up(world, payload("charge", step="elsewhere"))
    assert queue.parked[0][1] == "handler 'charge' for step 'elsewhere' of 'order' is no part of saga 'order'"
    assert (told(world), world.meta()) == ([], None)


def test_a_message_for_a_handler_that_the_definition_does_not_name_is_kept(world: World, queue: Queue) -> None:
    give_up(world, payload("reverse", first=True))
    assert len(queue.parked) == 1
    assert (told(world), world.meta()) == ([], None)


def test_another_saga_under_the_same_id_cannot_turn_the_first_one_back(world: World, queue: Queue) -> None:
    world.call(payload("reserve", first=True))
    give_up(world, payload("reserve", given={"n": 9}, first=True))
    assert (told(world), world.meta(), world.stock()) == ([], "RUNNING", 4)
    assert "taken by a saga with another input" in queue.parked[0][1]


def test_a_saga_that_begins_while_it_is_being_aborted_is_aborted(world: World) -> None:
    begun: list[str] = []

    def begin(model: Any, **_: Any) -> None:
        # Between the abort's first look, which finds nothing, and its second.
        if model.name == "TransactWriteItems" and world.requests.count("TransactWriteItems") == 2 and not begun:
            begun.append("now")
            world.call(payload("reserve", first=True))

    world.services.dynamodb.meta.events.register("before-call.dynamodb", begin)
    first = parse(payload("reserve", first=True))
    SagaContext("order", STEPS, world.services, "v1").sagas.abort(SagaKey.of(first), tuple(STEPS), known=first)
    assert (begun, world.meta(), world.stock()) == (["now"], "COMPENSATING", 4)


@pytest.mark.usefixtures("queue")
def test_a_pivot_that_committed_but_could_not_say_so_goes_forward(world: World) -> None:
    world.call(payload("reserve", first=True, pivot=True))
    give_up(world, payload("reserve", first=True, pivot=True))
    assert (told(world), world.meta(), world.stock()) == (["goods.succeeded"], "COMMITTED", 4)


def test_a_step_after_the_pivot_delivered_in_vain_is_stuck_and_kept(world: World, queue: Queue) -> None:
    world.call(payload("reserve", first=True, pivot=True))
    give_up(world, payload("charge", step="card", after_pivot=True))
    assert (told(world), world.item("META")["stuck"]) == (["saga.stuck"], "card")
    assert queue.parked[0][1] == f"saga 't-1' is past its pivot and stuck at 'card': {IN_VAIN.format('action', 'card')}"
    world.call(payload("charge", step="card", after_pivot=True, ends={"succeeded": "COMPLETED"}))
    assert world.meta() == "COMPLETED"
