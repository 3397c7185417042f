"""Recovery answers every saga by the version of the definition that it started with."""

import json
from typing import Any

import pytest

from recovery_fixture import set_variables
from saga_runtime.errors import BadCommand
from saga_runtime.recovery import Recovery
from shop import Context, payload
from world import World

NEWEST = {"goods": ["reserve", "release"], "parcel": ["pack", "unpack"]}
EARLIER = {
    "v1": {"steps": {"goods": ["reserve", "release"], "card": ["charge", "refund"]}, "last_compensable_step": "card"}
}


class Queue:
    """SQS, as far as recovery uses it."""

    def __init__(self) -> None:
        self.parked: list[str] = []

    def send_message(self, *, MessageAttributes: Any, **_: str) -> None:  # noqa: N803 # AWS's
        self.parked.append(MessageAttributes["reason"]["StringValue"])


@pytest.fixture
def recovery(world: World, monkeypatch: pytest.MonkeyPatch) -> Recovery:
    """It knows ``v2``, and ``v1`` until that is drained; the shop's sagas are of ``v1``."""
    set_variables(monkeypatch, NEWEST, "parcel", version="v2")
    monkeypatch.setenv("SAGA_PREVIOUS_VERSIONS", json.dumps(EARLIER))
    for limit in ("LATE_ALARM_AFTER", "SILENT"):
        monkeypatch.setenv(f"SAGA_{limit}", "0")
    world.services.__dict__["sqs"] = Queue()
    world.call(payload("reserve", first=True))
    world.published.clear()
    return Recovery(world.services)


@pytest.fixture
def drained(recovery: Recovery, monkeypatch: pytest.MonkeyPatch) -> Recovery:
    """Somebody has taken ``v1`` away too early."""
    monkeypatch.delenv("SAGA_PREVIOUS_VERSIONS")
    return Recovery(recovery.services)


def told(world: World) -> list[str]:
    return [event["DetailType"] for event in world.published]


def give_up(recovery: Recovery, body: Any) -> Any:
    record = {"messageId": "m1", "body": json.dumps(body), "attributes": {}, "eventSource": "aws:sqs"}
    return recovery.handler({"Records": [record]}, Context())


class Dead(Queue):
    """A dead-letter queue with one dead letter."""

    def __init__(self, body: Any) -> None:
        super().__init__()
        self.dead_letters = [{"MessageId": "m9", "ReceiptHandle": "r9", "Body": json.dumps(body)}]
        self.deleted: list[str] = []

    def receive_message(self, **_: Any) -> dict[str, Any]:
        return {
            "Messages": [{**dead_letter, "Attributes": {"SentTimestamp": "1"}} for dead_letter in self.dead_letters]
        }

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: N803 # AWS's
        assert QueueUrl == "dead"
        self.deleted.append(ReceiptHandle)


def redriven(recovery: Recovery, body: Any) -> Any:
    recovery.services.__dict__["sqs"] = Dead(body)
    operation = {"operation": "redrive", "before": 2, "discard": False}
    return recovery.handler(operation, Context(alias="manage"))


def of_v2(**command: Any) -> dict[str, Any]:
    body = payload("pack", step="parcel", saga_id="t-2", **command)
    return {"task": {**body["task"], "version": "v2"}, "saga": {**body["saga"], "version": "v2"}}


def test_a_cancelled_saga_is_fenced_and_turned_where_its_version_ends(world: World, recovery: Recovery) -> None:
    assert recovery.handler({"operation": "cancel", "id": "t-1"}, Context(alias="manage"))["status"] == "COMPENSATING"
    assert told(world) == ["card.unknown"]
    assert "fence" in world.item("STEP#0#card")
    assert world.item("STEP#0#parcel") == {}


def test_a_command_given_up_is_one_of_its_version(world: World, recovery: Recovery) -> None:
    assert give_up(recovery, payload("charge", step="card")) == {"batchItemFailures": []}
    assert give_up(recovery, of_v2()) == {"batchItemFailures": []}
    assert told(world) == ["card.unknown", "parcel.unknown"]
    assert recovery.services.sqs.parked == []  # type: ignore[attr-defined]


def test_a_saga_without_progress_goes_back_by_its_version(world: World, recovery: Recovery) -> None:
    assert recovery.handler({"watchdog": {}}, Context())["taken_over"] == ["t-1"]
    assert told(world) == ["card.unknown"]


def test_a_dead_letter_is_redriven_by_its_version(world: World, recovery: Recovery) -> None:
    assert redriven(recovery, payload("charge", step="card"))["dead_letter"]["refused"] == ""
    assert told(world) == ["goods.succeeded"]


def test_a_saga_that_never_began_is_cancelled_by_the_newest_version(world: World, recovery: Recovery) -> None:
    assert recovery.handler({"operation": "cancel", "id": "t-9"}, Context(alias="manage"))["status"] == "NOT_STARTED"
    assert world.meta("t-9") == "COMPENSATED"


def test_an_order_about_an_unknown_version_says_what_to_do(world: World, drained: Recovery) -> None:
    with pytest.raises(BadCommand, match=r"saga 'order' of version 'v1': only v2 are deployed; add the definition"):
        drained.handler({"operation": "retry", "id": "t-1"}, Context(alias="manage"))
    assert (world.meta(), told(world)) == ("RUNNING", [])


def test_a_message_of_an_unknown_version_is_kept_and_can_be_redriven_later(
    world: World, drained: Recovery, recovery: Recovery, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_up(drained, payload("charge", step="card"))
    assert "of version 'v1'" in drained.services.sqs.parked[0]  # type: ignore[attr-defined]
    assert (world.meta(), told(world)) == ("RUNNING", [])
    monkeypatch.setenv("SAGA_PREVIOUS_VERSIONS", json.dumps(EARLIER))
    again = Recovery(recovery.services)
    redriven(again, payload("charge", step="card"))
    assert told(world) == ["goods.succeeded"]


def test_the_watchdog_leaves_an_unknown_version_alone_but_counts_it(world: World, drained: Recovery) -> None:
    assert drained.handler({"watchdog": {}}, Context()) == {"late": 1, "taken_over": [], "missing": ["v1"]}
    assert world.meta() == "RUNNING"


def test_a_saga_of_an_unknown_version_is_cancelled_and_waits_for_its_definition(
    world: World, drained: Recovery, recovery: Recovery, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert drained.handler({"operation": "cancel", "id": "t-1"}, Context(alias="manage")) == {
        "status": "STUCK",
        "refused": None,
    }
    assert (told(world), "version v1 is not deployed" in world.item("META")["err"]) == (["saga.stuck"], True)
    monkeypatch.setenv("SAGA_PREVIOUS_VERSIONS", json.dumps(EARLIER))
    assert (
        Recovery(recovery.services).handler({"operation": "resume", "id": "t-1"}, Context(alias="manage"))["refused"]
        is None
    )
    assert told(world)[-1] == "goods.unknown"


ASKED = {"operation": "cancel", "id": "t-1"}
ANSWER = {"operation": "complete", "id": "t-1", "step": "goods", "result": {}}
ENTRIES: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "a webhook may only answer": ("answer", [ASKED, {"operation": "redrive", "before": 2, "discard": False}]),
    "an operator does not answer": ("manage", [ANSWER]),
    "no caller brings a dead letter": ("answer", [{"operation": "redrive", "body": "{}"}]),
    "no caller brings what AWS brings": (
        "manage",
        [
            {"watch": {"late": 0, "silent": 0}},
            {"Records": []},
            {"source": "aws.states", "detail": {"executionArn": "arn:aws:states:us-east-1:1:execution:order:t-1"}},
        ],
    ),
    "AWS brings no orders": ("", [ASKED, ANSWER]),
}


@pytest.mark.parametrize(("alias", "events"), ENTRIES.values(), ids=ENTRIES)
def test_each_way_in_takes_only_what_is_granted_for_it(
    world: World, recovery: Recovery, alias: str, events: list[dict[str, Any]]
) -> None:
    before = world.item("META")
    for event in events:
        with pytest.raises(BadCommand):
            recovery.handler(event, Context(alias=alias))
    assert (world.item("META"), told(world)) == (before, [])
