"""The watchdog in a function with little time: it takes over what it can, and leaves the rest to the next look."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from saga_runtime.ledger import SagaKey
from saga_runtime.recovery import ControlOperations, EventEngine, SagaContext, Watchdog
from saga_runtime.recovery.watchdog import MAX_TAKEOVERS
from shop import payload
from world import World

STEPS = {"goods": ("reserve", "release"), "card": ("charge", "refund")}


@dataclass
class Hurried:
    """Lambda's context; half a second goes by at each look at the clock."""

    milliseconds: int = 3000

    def get_remaining_time_in_millis(self) -> int:
        self.milliseconds -= 500
        return self.milliseconds


@pytest.fixture
def watch(world: World) -> Watchdog:
    for number in range(5):
        world.call(payload("reserve", first=True, saga_id=f"t-{number}"))
    operations = ControlOperations(
        SagaContext("order", STEPS, world.services, "v1"), EventEngine(world.services, {}), "card"
    )
    return Watchdog(lambda _version: operations, 0, 0)


def test_what_one_look_has_no_time_for_the_next_one_takes_over(world: World, watch: Watchdog) -> None:
    first = watch.look(Hurried())
    assert (first["late"], len(first["taken_over"])) == (5, 2)
    assert len(watch.look(Hurried(60_000))["taken_over"]) >= 3
    assert {world.item("META", f"t-{number}")["st"] for number in range(5)} == {"COMPENSATING"}


def expire(world: World) -> None:
    """What DynamoDB does with items whose time is over."""
    for item in world.services.dynamodb.scan(TableName="ledger")["Items"]:
        if int(item["ttl"].get("N", 0)) < world.clock[0]:
            world.services.dynamodb.delete_item(TableName="ledger", Key={"pk": item["pk"], "sk": item["sk"]})


def test_a_saga_that_is_stuck_for_months_keeps_all_its_items_and_one_that_has_ended_does_not(world: World) -> None:
    for number, ends in enumerate(({}, {"succeeded": "COMPLETED"})):
        world.call(payload("reserve", first=True, pivot=True, saga_id=f"t-{number}"))
        world.call(payload("charge", step="card", after_pivot=True, last=True, ends=ends, saga_id=f"t-{number}"))
    operations = ControlOperations(
        SagaContext("order", STEPS, world.services, "v1"), EventEngine(world.services, {}), "card"
    )
    operations.context.sagas.mark_stuck(SagaKey("order", "t-0"), ["card"], "down")
    for _ in range(5):
        world.clock[0] += 20 * 24 * 3600
        Watchdog(lambda _version: operations, 3600, 1080).look(Hurried(60_000))
        expire(world)
    assert (world.step("goods", "t-0"), world.step("card", "t-0")) == ("DONE", "DONE")
    assert operations.context.sagas.state(SagaKey("order", "t-0")).status == "STUCK"
    assert not operations.context.sagas.state(SagaKey("order", "t-1")).meta


def test_the_next_look_is_patient_with_what_was_taken_over(world: World, watch: Watchdog) -> None:
    patient = Watchdog(watch.operations, 0, 60)
    world.clock[0] += 61
    assert len(patient.look(Hurried(60_000))["taken_over"]) == 5
    assert patient.look(Hurried(60_000)) == {"late": 5, "taken_over": [], "missing": []}
    assert [event["DetailType"] for event in world.published] == ["card.unknown"] * 5


def test_a_saga_that_ends_just_when_it_is_given_up_has_its_ending_told_last(
    world: World, watch: Watchdog, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, sagas = SagaKey("order", "t-0"), watch.operations("").context.sagas
    sagas.abort(key, tuple(STEPS))
    sagas.taken_over(key, MAX_TAKEOVERS)
    tell = SagaContext.publish_stuck

    def and_then_it_ends(*said: Any) -> None:
        tell(*said)
        sagas.compensated(key)

    monkeypatch.setattr(SagaContext, "publish_stuck", and_then_it_ends)
    watch.look(Hurried(60_000))
    told = [event["DetailType"] for event in world.published if json.loads(event["Detail"])["id"] == "t-0"]
    assert told == ["saga.stuck", "saga.compensated"]
    assert sagas.state(key).status == "COMPENSATED"
