"""Groups at run time: the ledger knows who is through, and the last one speaks for all."""

import json
from typing import Any

import pytest

from saga_runtime import Rejected, SagaFenced
from saga_runtime.ledger import SagaKey, Sagas, Store
from shop import Context, payload
from world import World

JOIN: dict[str, Any] = {"group": "both", "steps": ["goods", "card"]}
BACK = {"outcome": "rejected", "recorded": True}


def member(handler: str, step: str, operation: str = "action", **more: Any) -> dict[str, Any]:
    """A command for a member of the group, as the choreographed style delivers it."""
    others = [other for other in JOIN["steps"] if other != step]
    fields: dict[str, Any] = {"join": JOIN, "fences": others if operation == "action" else [], **more}
    command = payload(handler, operation, step=step, grouped=True, **fields)
    command["task"]["retry"] = {"max_attempts": 3, "interval": 1, "backoff_rate": 2.0, "max_delay": 60}
    return command


def deliver(world: World, command: dict[str, Any]) -> None:
    record = {
        "messageId": "m1",
        "receiptHandle": "r1",
        "body": json.dumps(command),
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:1:queue",
    }
    answer = world.participant.handler({"Records": [record]}, Context())
    assert answer == {"batchItemFailures": []}


def told(world: World) -> list[str]:
    return [event["DetailType"] for event in world.published]


def test_the_next_step_is_told_once_all_members_are_done_and_knows_all_their_results(world: World) -> None:
    deliver(world, member("reserve", "goods"))
    assert told(world) == []
    deliver(world, member("charge", "card"))
    assert told(world) == ["both.succeeded"]
    results = json.loads(world.published[0]["Detail"])["results"]
    assert results == {"goods": {"reserved": "order.t-1.goods"}, "card": {"receipt": "order.t-1.card"}}


def test_a_repeated_member_speaks_again_because_the_first_may_have_died(world: World) -> None:
    for command in (member("reserve", "goods"), member("charge", "card"), member("charge", "card")):
        deliver(world, command)
    assert told(world) == ["both.succeeded", "both.succeeded"]
    assert world.stock() == 4


def test_members_of_the_first_group_open_the_saga_together(world: World) -> None:
    deliver(world, member("reserve", "goods", first=True))
    deliver(world, member("charge", "card", first=True))
    assert (world.meta(), told(world)) == ("RUNNING", ["both.succeeded"])


@pytest.mark.parametrize("style", ["choreographed", "orchestrated"])
def test_the_last_group_completes_the_saga_in_either_style(world: World, style: str) -> None:
    join = {**JOIN, "ends": {"succeeded": "COMPLETED"}}
    commands = [member("reserve", "goods", first=True, join=join), member("charge", "card", first=True, join=join)]
    for command in commands:
        if style == "choreographed":
            deliver(world, command)
        else:
            world.call(command)
    assert (world.meta(), told(world)) == ("COMPLETED", ["saga.completed"])


def test_a_rejected_member_fences_the_others_in_the_same_request(world: World) -> None:
    world.call(payload("reserve", step="before", first=True))
    world.shop.raises = Rejected("no")
    with pytest.raises(Rejected):
        world.call(member("reserve", "goods"))
    assert world.requests[-1] == "TransactWriteItems"
    world.shop.raises = None
    with pytest.raises(SagaFenced):
        world.call(member("charge", "card"))
    assert (world.meta(), world.shop.outside) == ("COMPENSATING", {})


def test_a_rejected_external_member_fences_the_others_too(world: World) -> None:
    world.call(payload("reserve", step="before", first=True))
    world.shop.raises = Rejected("declined")
    with pytest.raises(Rejected):
        world.call(member("charge", "card"))
    world.shop.raises = None
    with pytest.raises(SagaFenced):
        world.call(member("reserve", "goods"))
    assert world.stock() == 4


def test_compensation_goes_on_once_all_members_are_undone(world: World) -> None:
    deliver(world, member("reserve", "goods", first=True))
    deliver(world, member("release", "goods", "compensation", failure=BACK))
    assert told(world) == []
    deliver(world, member("refund", "card", "compensation", failure=BACK))
    assert told(world) == ["both.compensated"]
    assert (world.stock(), world.step("goods"), world.step("card")) == (5, "UNDONE", "UNDOING")


@pytest.mark.parametrize("style", ["choreographed", "orchestrated"])
def test_the_first_group_undone_ends_the_saga_in_either_style(world: World, style: str) -> None:
    join = {**JOIN, "ends": {"compensated": "COMPENSATED"}}
    world.call(member("reserve", "goods", first=True))
    for command in (
        member("release", "goods", "compensation", failure=BACK, join=join),
        member("refund", "card", "compensation", failure=BACK, join=join),
    ):
        if style == "choreographed":
            deliver(world, command)
        else:
            world.call(command)
    assert (world.meta(), told(world)) == ("COMPENSATED", ["saga.compensated"])


def test_a_group_done_after_the_saga_was_aborted_does_not_complete_it(world: World) -> None:
    join = {**JOIN, "ends": {"succeeded": "COMPLETED"}}
    world.call(member("reserve", "goods", first=True, join=join))

    def cancel(model: Any, **_: Any) -> None:
        if model.name == "Query":
            world.services.dynamodb.meta.events.unregister("before-call.dynamodb", cancel)
            Sagas(Store(world.services)).abort(SagaKey("order", "t-1"), ("goods", "card"))

    world.services.dynamodb.meta.events.register("before-call.dynamodb", cancel)
    with pytest.raises(SagaFenced, match="was aborted when 'both' was done"):
        world.call(member("charge", "card", first=True, join=join))
    assert (world.meta(), told(world)) == ("COMPENSATING", [])
