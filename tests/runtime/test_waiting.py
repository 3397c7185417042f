"""A step that waits for a callback: asked once, answered once, in time or not at all."""

import json
from typing import Any

import pytest

from callback_fixture import DAY, KEY, WAITS, way
from operations_fixture import TARGET
from queue_fixture import ARN, Queue
from saga_runtime import BadCommand, SagaFenced
from saga_runtime.client import OperationRefused, TooEarly, complete, reject
from saga_runtime.errors import BadResult
from saga_runtime.ledger import SagaKey, Sagas, Store
from saga_runtime.recovery import EventEngine
from shop import Context, Crashed, payload
from world import World


@pytest.fixture
def queue(world: World) -> Queue:
    queue = Queue()
    world.services.__dict__["sqs"] = queue
    return queue


@pytest.fixture(autouse=True)
def asked(world: World) -> None:
    world.shop.pending = True
    way(world, EventEngine(world.services, {}))


def deliver(world: World, *, receives: int = 1, handler: str = "reserve") -> list[Any]:
    body = json.dumps(payload(handler, **WAITS))
    attributes = {"ApproximateReceiveCount": str(receives)}
    record = {"messageId": "m", "receiptHandle": "h", "body": body, "attributes": attributes, "messageAttributes": {}}
    event = {"Records": [{**record, "eventSource": "aws:sqs", "eventSourceARN": ARN}]}
    return world.participant.handler(event, Context())["batchItemFailures"]


def told(world: World) -> list[str]:
    return [event["DetailType"] for event in world.published]


def test_a_step_that_asks_is_committed_and_nobody_is_told_yet(world: World, queue: Queue) -> None:
    assert len(deliver(world)) == 1
    assert (world.step(), world.meta(), world.stock(), told(world)) == ("PENDING", "RUNNING", 4, [])
    assert queue.waits == [("h", 36_000)]


def test_its_message_comes_back_when_the_time_is_over(world: World, queue: Queue) -> None:
    deliver(world)
    world.clock[0] += DAY - 60
    deliver(world, receives=2)
    assert queue.waits[-1] == ("h", 60)


def test_the_answer_is_told_with_what_was_known_and_what_came(world: World, queue: Queue) -> None:
    deliver(world)
    assert complete(TARGET, KEY, {"by": "Ada"}, services=world.services) == "RUNNING"
    assert told(world) == ["goods.succeeded"]
    assert json.loads(world.published[0]["Detail"])["results"] == {"goods": {"reserved": KEY, "by": "Ada"}}
    assert len(queue.waits) == 1


def test_the_same_answer_again_is_welcome_and_told_once(world: World, queue: Queue) -> None:
    deliver(world)
    for _ in range(2):
        complete(TARGET, KEY, {"by": "Ada"}, services=world.services)
    world.clock[0] += DAY
    assert deliver(world, receives=3) == []
    assert (told(world), world.step(), len(queue.waits)) == (["goods.succeeded"], "DONE", 1)


@pytest.mark.usefixtures("queue")
def test_another_answer_is_refused_by_name(world: World) -> None:
    deliver(world)
    complete(TARGET, KEY, {"by": "Ada"}, services=world.services)
    with pytest.raises(OperationRefused, match="'goods' of saga 't-1' has been completed already, with another result"):
        complete(TARGET, KEY, {"by": "Bob"}, services=world.services)
    with pytest.raises(OperationRefused, match="completed already"):
        reject(TARGET, KEY, "no", services=world.services)


@pytest.mark.usefixtures("queue")
def test_a_no_aborts_the_saga_and_leaves_the_question_to_the_compensation(world: World) -> None:
    deliver(world)
    assert reject(TARGET, KEY, "too expensive", services=world.services) == "COMPENSATING"
    assert told(world) == ["goods.rejected"]
    with pytest.raises(OperationRefused, match=r"has been rejected already$"):
        complete(TARGET, KEY, services=world.services)
    failure = json.loads(world.published[0]["Detail"])["failure"]
    world.call(payload("release", "compensation", failure=failure, ends={"compensated": "COMPENSATED"}))
    assert (world.step(), world.meta(), world.stock()) == ("UNDONE", "COMPENSATED", 5)
    heard = told(world)
    assert reject(TARGET, KEY, "too expensive", services=world.services) == "COMPENSATED", "the same answer again"
    assert told(world) == heard
    with pytest.raises(OperationRefused, match="too late: 'goods' of saga 't-1' is UNDONE"):
        reject(TARGET, KEY, "too late in the year", services=world.services)


def test_whoever_waits_in_vain_goes_where_somebody_looks(world: World, queue: Queue) -> None:
    deliver(world)
    world.clock[0] += DAY
    assert (deliver(world, receives=3), len(queue.given_up)) == ([], 1)
    with pytest.raises(OperationRefused, match="too late: the time of 'goods' of saga 't-1' is over"):
        complete(TARGET, KEY, services=world.services)


@pytest.mark.usefixtures("queue")
def test_past_the_pivot_no_answer_comes_too_late(world: World) -> None:
    world.shop.pending = False
    world.call(payload("charge", step="card", first=True, pivot=True))
    world.shop.pending = True
    later: Any = {**WAITS, "first": False, "after_pivot": True}
    world.call(payload("reserve", **later))
    world.clock[0] += 2 * DAY
    complete(TARGET, KEY, services=world.services)
    assert world.step() == "DONE"


@pytest.mark.usefixtures("queue")
@pytest.mark.parametrize("handler", ["reserve", "charge"])
def test_the_watchdog_need_not_look_before_the_callback_ends_and_does_after_its_answer(
    world: World, handler: str
) -> None:
    deliver(world, handler=handler)
    assert int(world.item("META")["alive"]) == world.clock[0] + DAY
    world.clock[0] += 60
    complete(TARGET, KEY, services=world.services)
    sagas = Sagas(Store(world.services))
    assert int(world.item("META")["alive"]) == world.clock[0]
    assert sagas.state(SagaKey("order", "t-1")).last_sign_of_life == world.clock[0]


@pytest.mark.usefixtures("queue")
def test_an_external_effect_may_wait_too(world: World) -> None:
    deliver(world, handler="charge")
    complete(TARGET, KEY, {"by": "bank"}, services=world.services)
    assert json.loads(world.published[0]["Detail"])["results"] == {"goods": {"asked": "bank", "by": "bank"}}


@pytest.mark.usefixtures("queue")
def test_a_cancelled_saga_takes_no_answer(world: World) -> None:
    operations = way(world, EventEngine(world.services, {}))
    deliver(world)
    operations.perform({"operation": "cancel", "id": "t-1"})
    with pytest.raises(OperationRefused, match="too late: the saga of 'goods' of saga 't-1' is going back"):
        complete(TARGET, KEY, services=world.services)
    with pytest.raises(SagaFenced):
        world.call(payload("reserve", **WAITS))


def test_a_step_that_does_not_wait_cannot_be_answered(world: World) -> None:
    world.shop.pending = False
    world.call(payload("reserve", first=True))
    with pytest.raises(OperationRefused, match="'goods' of saga 't-1' waits for no callback: it is DONE"):
        complete(TARGET, KEY, services=world.services)


@pytest.mark.parametrize("key", ["trip.t-1.goods", "order.t-1", "order", "", "order..goods"])
def test_a_key_of_somebody_else_is_refused(world: World, key: str) -> None:
    with pytest.raises(BadCommand, match="is none of a 'order' saga"):
        complete(TARGET, key, services=world.services)


def test_an_answer_that_the_saga_cannot_carry_is_refused_and_changes_nothing(world: World, queue: Queue) -> None:
    deliver(world)
    for wrong in ({"n": "x" * 300_000}, {"n": 10**40}):
        with pytest.raises(BadCommand):
            complete(TARGET, KEY, wrong, services=world.services)
    assert (world.step(), len(queue.waits)) == ("PENDING", 1)


def test_a_step_without_a_time_to_wait_must_not(world: World) -> None:
    with pytest.raises(
        BadResult, match="reserve returned Pending, but step 'goods' never waits: say callback_timeout=…"
    ):
        world.call(payload("reserve", first=True))
    assert world.step() == "TRIED"


@pytest.mark.usefixtures("queue")
@pytest.mark.parametrize("begun", [False, True])
def test_an_answer_that_is_faster_than_the_action_is_too_early_and_may_be_repeated(
    world: World,
    begun: bool,  # noqa: FBT001 # a parameter
) -> None:
    if begun:
        world.shop.raises = Crashed()  # it has claimed the step, and has not returned
        with pytest.raises(Crashed):
            deliver(world, handler="charge")
        world.shop.raises = None
    with pytest.raises(TooEarly, match="its action has not returned yet; repeat the answer in a moment"):
        complete(TARGET, KEY, {"by": "Ada"}, services=world.services)
    world.clock[0] += 60
    deliver(world, handler="charge" if begun else "reserve")
    assert complete(TARGET, KEY, {"by": "Ada"}, services=world.services) == "RUNNING"


@pytest.mark.usefixtures("queue")
def test_an_answer_that_is_too_late_is_not_too_early(world: World) -> None:
    deliver(world)
    world.clock[0] += DAY + 1
    with pytest.raises(OperationRefused, match="too late") as refused:
        complete(TARGET, KEY, services=world.services)
    assert not isinstance(refused.value, TooEarly)


@pytest.mark.usefixtures("queue")
def test_a_refusal_shows_nothing_that_the_ledger_keeps(world: World) -> None:
    deliver(world)
    complete(TARGET, KEY, {"by": "Ada", "card": "4000-1234"}, services=world.services)
    with pytest.raises(OperationRefused) as refused:
        complete(TARGET, KEY, {"by": "Eve"}, services=world.services)
    assert not {"Ada", "4000-1234", "reserved"} & set(str(refused.value).replace('"', " ").split())


@pytest.mark.usefixtures("queue")
def test_an_answer_does_not_overwrite_what_the_step_recorded(world: World) -> None:
    deliver(world)
    with pytest.raises(BadCommand, match="the result has 'reserved': 'goods' has recorded that when it asked"):
        complete(TARGET, KEY, {"reserved": "forged"}, services=world.services)
    assert world.step() == "PENDING"
    complete(TARGET, KEY, {"reserved": "order.t-1.goods", "by": "Ada"}, services=world.services)
    assert world.step() == "DONE"
