"""The choreographed entry: messages in, events out, and the engine's patience applied by visibility."""

import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from queue_fixture import ARN, Queue
from saga_runtime import Rejected
from saga_runtime.envelope import parse
from saga_runtime.ledger import LocalLedger, Store
from shop import Context, Crashed, payload
from world import World

LADDER = {"max_attempts": 3, "interval": 2, "backoff_rate": 3.0, "max_delay": 15}


def message(body: Any, *, receives: int = 1, name: str = "m1") -> dict[str, Any]:
    return {
        "messageId": name,
        "receiptHandle": f"handle of {name}",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"ApproximateReceiveCount": str(receives)},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": ARN,
    }


@pytest.fixture
def queue(world: World) -> Queue:
    queue = Queue()
    world.services.__dict__["sqs"] = queue
    return queue


def deliver(world: World, *messages: dict[str, Any]) -> list[str]:
    """Deliver a batch; returns the messages that will come again."""
    answer = world.participant.handler({"Records": list(messages)}, Context())
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


@pytest.mark.usefixtures("queue")
def test_a_success_is_told_to_the_bus_with_all_results_so_far(world: World) -> None:
    assert deliver(world, message(payload("reserve", first=True, retry=LADDER))) == []
    event = world.published[0]
    assert (event["EventBusName"], event["Source"], event["DetailType"]) == ("bus", "saga.order", "goods.succeeded")
    detail = json.loads(event["Detail"])
    assert detail["results"] == {"goods": {"reserved": "order.t-1.goods"}}
    assert (detail["id"], detail["version"], detail["schema"]) == ("t-1", "v1", "saga/1")


@pytest.mark.usefixtures("queue")
def test_a_success_is_one_request_to_the_ledger_and_one_event(world: World) -> None:
    deliver(world, message(payload("reserve", first=True, retry=LADDER)))
    assert (world.requests, len(world.published)) == (["TransactWriteItems"], 1)


@pytest.mark.usefixtures("queue")
def test_the_last_success_is_told_as_the_ending_only(world: World) -> None:
    deliver(world, message(payload("reserve", first=True, ends={"succeeded": "COMPLETED"}, retry=LADDER)))
    assert [event["DetailType"] for event in world.published] == ["saga.completed"]


@pytest.mark.usefixtures("queue")
def test_a_rejection_is_told_and_never_delivered_again(world: World) -> None:
    world.shop.raises = Rejected("not today")
    assert deliver(world, message(payload("reserve", first=True, retry=LADDER))) == []
    assert world.published[0]["DetailType"] == "goods.rejected"
    failure = json.loads(world.published[0]["Detail"])["failure"]
    assert failure == {
        "step": "goods",
        "outcome": "rejected",
        "Error": "Rejected",
        "Cause": "not today",
        "recorded": True,
    }


@pytest.mark.usefixtures("queue")
def test_a_compensation_is_told_as_compensated(world: World) -> None:
    deliver(world, message(payload("release", "compensation", retry=LADDER)))
    assert [event["DetailType"] for event in world.published] == ["goods.compensated"]


@pytest.mark.usefixtures("queue")
def test_an_event_lost_after_the_commit_is_sent_again_from_the_stored_result(world: World) -> None:
    def lost(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="events")

    world.services.events.meta.events.register_first("before-call.events.PutEvents", lost)
    command = message(payload("reserve", first=True, retry=LADDER))
    assert deliver(world, command) == ["m1"]
    world.services.events.meta.events.unregister("before-call.events.PutEvents", lost)
    world.published.clear()
    assert deliver(world, command) == []
    assert [event["DetailType"] for event in world.published] == ["goods.succeeded"]
    assert world.stock() == 4


@pytest.mark.usefixtures("queue")
def test_an_event_that_the_bus_did_not_take_is_sent_again(world: World) -> None:
    world.services.__dict__["events"] = _Refusing()
    assert deliver(world, message(payload("reserve", first=True, retry=LADDER))) == ["m1"]
    assert world.step() == "DONE"


class _Refusing:
    def put_events(self, **_: Any) -> dict[str, Any]:
        return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}


@pytest.mark.usefixtures("queue")
def test_only_the_failed_messages_of_a_batch_come_again(world: World) -> None:
    fine = message(payload("reserve", first=True, retry=LADDER), name="fine")
    leased = message(payload("charge", saga_id="t-2", retry=LADDER), name="leased")
    world.shop.raises = Crashed()
    with pytest.raises(Crashed):
        deliver(world, leased)
    world.shop.raises = None
    assert deliver(world, fine, leased) == ["leased"]
    assert (world.stock(), len(world.published)) == (4, 1)


@pytest.mark.parametrize(
    ("handler", "operation"), [("reserve", "action"), ("charge", "action"), ("refund", "compensation")]
)
def test_attempts_that_raise_wait_as_the_policy_says_and_are_then_used_up(
    world: World, queue: Queue, handler: str, operation: str
) -> None:
    if operation == "compensation":
        world.call(payload("charge"))
    world.shop.calls.clear()
    world.shop.raises = RuntimeError("broken")
    deliveries = [message(payload(handler, operation, retry=LADDER), receives=n) for n in range(1, 6)]
    for one in deliveries[:4]:
        world.clock[0] += 1
        assert (deliver(world, one), queue.given_up) == (["m1"], [])
    assert queue.waits == [("handle of m1", seconds) for seconds in (2, 6, 15, 0)]
    assert (deliver(world, deliveries[4]), queue.given_up) == ([], [deliveries[4]["body"]])
    kind = "uf" if operation == "compensation" else "f"
    item = world.item("STEP#0#goods")
    assert (item[kind], item[f"{kind}err"]) == ("4", "RuntimeError: broken")


def test_deliveries_that_reach_no_handler_use_no_attempt(world: World, queue: Queue) -> None:
    """The first two of them were taken by a throttled poller."""
    world.shop.raises = RuntimeError("broken")
    deliver(world, message(payload("reserve", retry=LADDER), receives=3))
    assert (queue.waits, world.item("STEP#0#goods")["f"]) == ([("handle of m1", 2)], "1")


@pytest.mark.usefixtures("queue")
def test_the_attempt_that_a_handler_sees_is_one_more_than_have_failed(world: World) -> None:
    world.shop.raises = RuntimeError("broken")
    deliver(world, message(payload("reserve", first=True, retry=LADDER)))
    world.shop.raises = None
    deliver(world, message(payload("reserve", first=True, retry=LADDER), receives=7))
    assert world.item("STEP#0#goods")["n"] == "2"


@pytest.mark.usefixtures("queue")
def test_a_record_that_the_sdk_sends_again_counts_once(world: World) -> None:
    command = parse(payload("reserve"))
    for _ in range(2):
        LocalLedger(Store(world.services)).raised(command, RuntimeError("broken"))
    assert world.item("STEP#0#goods")["f"] == "1"


def test_a_lease_that_runs_elsewhere_is_waited_for(world: World, queue: Queue) -> None:
    world.shop.raises = Crashed()
    with pytest.raises(Crashed):
        deliver(world, message(payload("charge", first=True, retry=LADDER)))
    deliver(world, message(payload("charge", first=True, retry={**LADDER, "interval": 1}), name="again"))
    assert queue.waits[-1] == ("handle of again", 5)


@pytest.mark.usefixtures("queue")
def test_a_late_action_is_answered_by_silence(world: World) -> None:
    deliver(world, message(payload("release", "compensation", retry=LADDER)))
    world.published.clear()
    assert deliver(world, message(payload("reserve", first=True, retry=LADDER))) == []
    assert (world.published, world.stock()) == ([], 5)


def test_another_saga_under_the_same_id_is_kept_and_touches_nothing(world: World, queue: Queue) -> None:
    deliver(world, message(payload("reserve", first=True, retry=LADDER)))
    world.published.clear()
    stranger = message(payload("reserve", given={"n": 7}, first=True, retry=LADDER))
    assert deliver(world, stranger) == []
    assert (world.published, world.stock(), world.meta()) == ([], 4, "RUNNING")
    assert (queue.waits, queue.given_up) == ([], [stranger["body"]])


@pytest.mark.parametrize("body", ["{", "[]", json.dumps(payload("reverse"))])
def test_what_no_attempt_can_change_goes_to_the_queue_of_failed_commands(world: World, queue: Queue, body: str) -> None:
    assert deliver(world, message(body)) == []
    assert (queue.waits, queue.given_up, world.requests) == ([], [body], [])


def test_without_a_redrive_policy_what_no_attempt_can_change_stays_where_it_is(world: World, queue: Queue) -> None:
    queue.failed = False
    assert deliver(world, message("{")) == ["m1"]
