"""What hangs is set going again, and dead letters go back to where they belong. Idempotent."""

import io
import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from operations_fixture import HANDLERS, Functions, States, employed
from saga_runtime import BadCommand
from saga_runtime.client import OperationRefused, Target, dead_letter_queue, redrive, republish, retry
from saga_runtime.envelope import parse
from saga_runtime.ledger import SagaKey
from saga_runtime.ledger.items import CANCEL
from saga_runtime.recovery import ControlOperations, EventEngine, Messages, StateMachineEngine
from saga_runtime.recovery import redrive as redriving
from shop import payload
from world import AWS, World

EVENTS = {"goods": "saga.started", "card": "goods.succeeded", "note": "card.succeeded"}
KEY = SagaKey("order", "t-1")
BACK = payload("release", "compensation", failure={"step": "card", "outcome": "unknown"})


@pytest.fixture
def target(world: World, monkeypatch: pytest.MonkeyPatch) -> Target:
    del world  # AWS is in place
    monkeypatch.setattr(dead_letter_queue, "WAIT", 0)
    monkeypatch.setattr(redriving, "WAIT", 0)
    url = AWS.client("sqs").create_queue(QueueName="dead")["QueueUrl"]
    monkeypatch.setenv("SAGA_DEAD_LETTER_QUEUE", url)
    style, where, recovery, ledger = "choreographed", "bus", "recovery", "ledger"
    return Target(
        name="order", version="v1", style=style, where=where, recovery=recovery, ledger=ledger, dead_letters=url
    )


@pytest.fixture(autouse=True)
def operations(world: World) -> ControlOperations:
    return employed(world, {**HANDLERS, "goods": ["reserve", "release"]}, EventEngine(world.services, EVENTS))


def told(world: World) -> list[str]:
    return [event["DetailType"] for event in world.published]


def park(target: Target, body: Any, reason: str = "stuck") -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    attributes = {"reason": {"DataType": "String", "StringValue": reason}}
    AWS.client("sqs").send_message(QueueUrl=target.dead_letters, MessageBody=text, MessageAttributes=attributes)


def left(target: Target) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = AWS.client("sqs").get_queue_attributes(QueueUrl=target.dead_letters, AttributeNames=names)
    return sum(int(answer["Attributes"][name]) for name in names)


def redriven(world: World, target: Target, **options: Any) -> list[tuple[str, str]]:
    world.clock[0] = 10_000_000_000.0  # after what moto's own clock says of the messages
    return [
        (dead_letter.done, dead_letter.refused) for dead_letter in redrive(target, services=world.services, **options)
    ]


def test_a_running_saga_waits_at_its_first_step_that_is_not_done(world: World, target: Target) -> None:
    world.call(payload("reserve", first=True))
    assert retry(target, "t-1", services=world.services) == "RUNNING"
    assert told(world) == ["goods.succeeded"]
    assert json.loads(world.published[0]["Detail"])["results"] == {"goods": {"reserved": "order.t-1.goods"}}


def test_its_deadline_is_not_forgotten(world: World, target: Target) -> None:
    event = payload("reserve", first=True)
    event["saga"]["deadline"] = int(world.clock[0]) + 60
    world.call(event)
    retry(target, "t-1", services=world.services)
    assert json.loads(world.published[0]["Detail"])["deadline"] == world.clock[0] + 60


def test_a_saga_going_back_goes_on_from_the_last_step_that_can_be_undone(
    world: World, target: Target, operations: ControlOperations
) -> None:
    world.call(payload("reserve", first=True))
    operations.context.sagas.abort(KEY, tuple(HANDLERS))
    assert [retry(target, "t-1", services=world.services) for _ in range(2)] == ["COMPENSATING"] * 2
    assert told(world) == ["card.unknown"] * 2


def test_a_saga_that_has_ended_is_announced_once_more(world: World, target: Target) -> None:
    world.call(payload("reserve", first=True, ends={"succeeded": "COMPLETED"}))
    world.published.clear()
    assert retry(target, "t-1", services=world.services) == "COMPLETED"
    assert told(world) == ["saga.completed"]


def test_what_ended_in_a_period_is_announced_once_more_and_nothing_else(
    world: World, target: Target, operations: ControlOperations
) -> None:
    """Too old, ended in time, still running, and cancelled before it began, so that nobody waits for its ending."""
    for number, (ago, ends) in enumerate(((7200, "COMPLETED"), (60, "COMPLETED"), (60, ""))):
        world.clock[0] -= ago
        world.call(payload("reserve", saga_id=f"t-{number}", first=True, ends={"succeeded": ends} if ends else {}))
        world.clock[0] += ago
    operations.context.sagas.abort(SagaKey("order", "t-9"), tuple(HANDLERS), on_behalf_of=CANCEL)
    world.published.clear()
    for _ in range(2):
        (replayed,) = republish(target, 3600, services=world.services)
        assert (replayed.id, replayed.state, replayed.refused) == ("t-1", "COMPLETED", "")
    assert told(world) == ["saga.completed"] * 2


def test_an_ending_published_again_is_not_counted_again(
    world: World, target: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    event = payload("reserve", first=True, ends={"succeeded": "COMPLETED"})
    event["saga"]["started"] = int(world.clock[0]) - 5
    world.call(event)
    capsys.readouterr()
    world.clock[0] += 7200
    assert [one.refused for one in republish(target, 7200, services=world.services)] == [""]
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [metric for metric in printed if "Duration" in metric] == []
    assert len(world.published) == 2


def test_an_ending_that_cannot_be_told_keeps_no_other_from_it(
    world: World, target: Target, operations: ControlOperations
) -> None:
    for number in range(3):
        world.call(payload("reserve", saga_id=f"t-{number}", first=True, ends={"succeeded": "COMPLETED"}))
    world.services.__dict__["functions"] = Forgetful(operations, "t-1")
    found = {one.id: one.refused for one in republish(target, 3600, services=world.services)}
    assert (found["t-0"], found["t-2"]) == ("", "")
    assert "the version is not deployed" in found["t-1"]


class Forgetful(Functions):
    """A recovery that does not know the version of one saga."""

    def __init__(self, operations: ControlOperations, saga_id: str) -> None:
        super().__init__(operations)
        self._saga_id = saga_id

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 # AWS's
        if json.loads(Payload).get("id") != self._saga_id:
            return super().invoke(FunctionName=FunctionName, Payload=Payload)
        said = {"errorType": "BadCommand", "errorMessage": "the version is not deployed"}
        return {"Payload": io.BytesIO(json.dumps(said).encode()), "FunctionError": "Unhandled"}


MACHINE = "arn:aws:states:us-east-1:1:stateMachine:order"


@pytest.fixture
def states(world: World) -> States:
    world.call(payload("reserve", first=True))
    states = world.services.__dict__["states"] = States()
    employed(world, HANDLERS, StateMachineEngine(world.services, MACHINE))
    return states


def test_an_execution_that_is_over_or_gone_is_run_again(world: World, target: Target, states: States) -> None:
    retry(target, "t-1", services=world.services)
    states.gone = True
    retry(target, "t-1", services=world.services)
    assert [started["stateMachineArn"] for started in states.started] == [f"{MACHINE}:3", MACHINE]
    assert json.loads(states.started[0]["input"])["results"] == {}


def test_an_execution_that_is_at_work_is_not_disturbed(world: World, target: Target, states: States) -> None:
    states.status = "RUNNING"
    with pytest.raises(OperationRefused, match="the execution of saga 't-1' is at work"):
        retry(target, "t-1", services=world.services)
    assert states.started == []


def test_there_is_one_replay_of_an_execution_since_two_would_disturb_each_other(
    world: World, target: Target, states: States
) -> None:
    retry(target, "t-1", services=world.services)
    states.taken = {states.started[0]["name"]}
    with pytest.raises(OperationRefused, match="has been retried before: cancel it, if it makes no progress"):
        retry(target, "t-1", services=world.services)


@pytest.mark.parametrize(("begun", "words"), [(True, "stuck at 'goods': resume it"), (False, "never began")])
def test_what_is_stuck_or_never_began_is_not_replayed(
    world: World,
    target: Target,
    operations: ControlOperations,
    begun: bool,  # noqa: FBT001
    words: str,
) -> None:
    if begun:
        world.call(payload("reserve", first=True))
        operations.context.sagas.mark_stuck(KEY, ["goods"], "down")
    with pytest.raises(OperationRefused, match=words):
        retry(target, "t-1", services=world.services)
    assert told(world) == []


def test_a_saga_cancelled_before_it_began_has_nothing_to_say(
    world: World, target: Target, operations: ControlOperations
) -> None:
    operations.context.sagas.abort(KEY, tuple(HANDLERS))
    with pytest.raises(OperationRefused, match="was cancelled before it began"):
        retry(target, "t-1", services=world.services)


def test_the_dead_letter_of_a_stuck_saga_resumes_it(
    world: World, target: Target, operations: ControlOperations
) -> None:
    world.call(payload("reserve", first=True))
    operations.context.sagas.mark_stuck(KEY, ["goods"], "down")
    park(target, BACK)
    assert redriven(world, target) == [("COMPENSATING", "")]
    assert (told(world), left(target)) == (["goods.unknown"], 0)
    assert redriven(world, target) == []


def test_a_copy_that_fails_while_a_dead_letter_is_redriven_leaves_another_dead_letter(
    world: World, target: Target, operations: ControlOperations, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the saga would be stuck without any, as the first is deleted."""
    monkeypatch.setenv("SAGA_DEAD_LETTER_QUEUE", target.dead_letters)
    world.call(payload("reserve", first=True))
    operations.context.sagas.mark_stuck(KEY, ["goods"], "down", dead_letter="m1")
    park(target, BACK)

    def fails_at_once(saga: dict[str, Any], step: str) -> None:
        del saga, step
        record = SQSRecord({"messageId": "m2", "body": json.dumps(BACK), "attributes": {}})
        Messages(operations.context, operations.last_compensable_step).failed(record)

    monkeypatch.setattr(EventEngine, "compensate", lambda _way, *where: fails_at_once(*where))
    world.clock[0] = 10_000_000_000.0
    assert next(redrive(target, services=world.services)).done == "STUCK"
    assert left(target) == 1


def test_the_dead_letter_of_a_saga_that_has_ended_tells_the_ending_that_its_bearer_may_not_have_told(
    world: World, target: Target
) -> None:
    world.call(payload("reserve", first=True, ends={"succeeded": "COMPLETED"}))
    world.published.clear()
    park(target, payload("reserve", first=True))
    assert redriven(world, target) == [("COMPLETED", "")]
    assert (told(world), left(target)) == (["saga.completed"], 0)


def test_the_dead_letter_of_a_saga_that_recovery_closed_before_it_began_tells_that(
    world: World, target: Target, operations: ControlOperations
) -> None:
    """Recovery closed it, and died each time before it could say so."""
    given_up(operations)
    park(target, payload("reserve", first=True))
    assert redriven(world, target) == [("COMPENSATED", "")]
    assert (told(world), left(target)) == (["saga.compensated"], 0)
    assert json.loads(world.published[0]["Detail"])["failure"]["Cause"] == "'goods' was delivered without success"


def given_up(operations: ControlOperations) -> None:
    """Recovery closes the saga, as its first command was delivered without success."""
    first = parse(payload("reserve", first=True))
    operations.context.sagas.abort(KEY, tuple(HANDLERS), on_behalf_of="goods", known=first)


def test_a_saga_given_up_before_it_began_is_announced_once_more(
    world: World, target: Target, operations: ControlOperations
) -> None:
    given_up(operations)
    assert retry(target, "t-1", services=world.services) == "COMPENSATED"
    assert [one.refused for one in republish(target, 60, services=world.services)] == [""]
    assert told(world) == ["saga.compensated"] * 2
    detail = json.loads(world.published[0]["Detail"])
    assert (detail["version"], detail["input"]) == ("v1", {"n": 1})


def test_the_dead_letter_of_a_saga_that_hangs_lets_it_go_on(world: World, target: Target) -> None:
    world.call(payload("reserve", first=True))
    park(target, payload("reserve", first=True))
    assert redriven(world, target) == [("RUNNING", "")]
    assert told(world) == ["goods.succeeded"]


def test_the_first_command_of_a_saga_that_never_began_begins_it(world: World, target: Target) -> None:
    park(target, payload("reserve", first=True))
    assert redriven(world, target) == [("asked again", "")]
    assert told(world) == ["saga.started.v1"]


def test_an_event_that_could_not_be_delivered_is_published_again(world: World, target: Target) -> None:
    park(target, {"source": "saga.order", "detail-type": "saga.completed", "detail": {"id": "t-1"}})
    assert redriven(world, target) == [("published again", "")]
    assert told(world) == ["saga.completed"]


def test_news_of_an_execution_that_recovery_could_not_hear_reach_it(world: World, target: Target) -> None:
    world.call(payload("reserve", first=True))
    states = world.services.__dict__["states"] = States(input=payload("reserve")["saga"])
    news = {"source": "aws.states", "detail": {"executionArn": States.ARN}}
    park(target, {"requestContext": {}, "requestPayload": news})
    assert redriven(world, target) == [("passed to recovery", "")]
    assert states.started[0]["name"].endswith("a")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("not json", "is not JSON"),
        ([1], "a JSON object belongs there"),
        ({"task": {}}, "saga is None: a JSON object belongs there"),
        (payload("book_train"), "is no part of saga 'order'"),
        (payload("reserve", given={"n": 2}), "taken by a saga with another input"),
    ],
)
def test_what_nobody_can_act_on_stays_until_it_is_discarded(
    world: World, target: Target, body: Any, words: str
) -> None:
    world.call(payload("reserve", first=True))
    park(target, body)
    for _ in range(2):  # it is not hidden from the next redrive, which may come at once
        ((done, refused),) = redriven(world, target)
        assert (done, words in refused, left(target)) == ("", True, 1)
    ((done, refused),) = redriven(world, target, discard=True)
    assert (done, words in refused, left(target)) == ("discarded", True, 0)


def test_several_that_cannot_be_processed_are_all_shown_each_time(world: World, target: Target) -> None:
    for number in range(3):
        park(target, f"not json {number}")
    for _ in range(2):
        assert len(redriven(world, target)) == 3
    assert [done for done, _ in redriven(world, target, discard=True)] == ["discarded"] * 3


def test_a_dead_letter_at_which_recovery_died_is_there_for_the_next_redrive(world: World, target: Target) -> None:
    world.call(payload("reserve", first=True))
    park(target, payload("reserve", first=True))
    recovery = world.services.__dict__["functions"]
    world.services.__dict__["functions"] = Dead()
    assert ["Sandbox.Timedout" in refused for _, refused in redriven(world, target)] == [
        True
    ] * dead_letter_queue.MAX_FAILURES
    world.services.__dict__["functions"] = recovery
    assert redriven(world, target) == [("RUNNING", "")]


class Dead:
    """A recovery that dies at every operation."""

    def invoke(self, **_: Any) -> dict[str, Any]:
        said = {"errorType": "Sandbox.Timedout", "errorMessage": "it died"}
        return {"Payload": io.BytesIO(json.dumps(said).encode()), "FunctionError": "Unhandled"}


def test_a_dead_letter_that_comes_back_at_once_waits_for_the_next_call(world: World, target: Target) -> None:
    world.call(payload("reserve", first=True))
    park(target, BACK)
    world.clock[0] = 1_000_000.0  # every message is younger
    assert list(redrive(target, services=world.services)) == []
    assert left(target) == 1


def test_an_unknown_order_is_refused(operations: ControlOperations) -> None:
    with pytest.raises(BadCommand, match="it is one of cancel, resume, skip, retry, redrive"):
        operations.perform({"operation": "sing", "id": "t-1"})
