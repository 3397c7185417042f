"""The relay: whatever died on the way is told to the saga, and nothing it reads is lost."""

import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from saga_runtime import Rejected
from saga_runtime.command import parse
from saga_runtime.ledger import SagaKey, Sagas
from saga_runtime.relay import Executions, Messages, Verdict
from shop import payload
from world import World

KEY = SagaKey("order", "t-1")

STEPS = {"goods": ("reserve", "release"), "card": ("charge", "refund")}
RUN = "arn:aws:states:us-east-1:1:execution:order:t-1"


class Queue:
    """SQS, as far as the relay uses it."""

    def __init__(self) -> None:
        self.parked: list[tuple[str, str]] = []

    def send_message(self, *, QueueUrl: str, MessageBody: str, MessageAttributes: Any) -> None:  # noqa: N803 # AWS's
        assert QueueUrl == "dead"
        self.parked.append((MessageBody, MessageAttributes["reason"]["StringValue"]))


class States:
    """Step Functions, as far as the relay uses it."""

    class exceptions:  # noqa: N801 # AWS's
        class ExecutionAlreadyExists(Exception):
            """As AWS calls it."""

    def __init__(self, saga: dict[str, Any]) -> None:
        self.execution = {"status": "FAILED", "input": json.dumps(saga), "name": "t-1", "stateMachineArn": "machine"}
        self.started: list[str] = []
        self.backs: list[str | None] = []

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803 # AWS's
        assert executionArn == RUN
        return self.execution

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> None:  # noqa: A002, N803 # AWS's
        given = json.loads(input)
        self.backs.append(given.pop("back", None))
        assert (stateMachineArn, given) == ("machine", json.loads(self.execution["input"]))
        if name in self.started:
            raise self.exceptions.ExecutionAlreadyExists
        self.started.append(name)


@pytest.fixture
def queue(world: World, monkeypatch: pytest.MonkeyPatch) -> Queue:
    monkeypatch.setenv("SAGA_DEAD", "dead")
    queue = Queue()
    world.services.__dict__["sqs"] = queue
    return queue


def give_up(world: World, body: Any, *, message: str = "m1") -> None:
    """A message arrives whose retries are used up."""
    text = body if isinstance(body, str) else json.dumps(body)
    record = SQSRecord({"messageId": message, "body": text, "attributes": {}})
    Messages(Verdict("order", STEPS, world.services), turn="card").failed(record)


def sagas(world: World) -> Sagas:
    return Verdict("order", STEPS, world.services).sagas


def told(world: World) -> list[str]:
    return [event["DetailType"] for event in world.published]


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
    give_up(world, payload("reserve", first=True))
    assert (world.meta(), told(world)) == ("COMPENSATED", ["goods.unknown"])


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
    Verdict("order", STEPS, world.services).sagas.abort(SagaKey("order", "t-1"), tuple(STEPS), on_behalf_of="#cancel")
    give_up(world, payload("reserve", first=True))
    assert (told(world), world.meta()) == (["saga.compensated"], "COMPENSATED")


@pytest.mark.usefixtures("queue")
def test_a_late_message_does_not_start_a_second_way_back_in_the_middle(world: World) -> None:
    world.call(payload("reserve", first=True))
    give_up(world, payload("charge", step="card"))
    world.published.clear()
    give_up(world, payload("reserve", first=True))
    assert (told(world), world.meta()) == ([], "COMPENSATING")


@pytest.mark.usefixtures("queue")
def test_a_way_back_that_was_begun_but_not_told_is_told_by_the_next_delivery(world: World) -> None:
    world.call(payload("reserve", first=True))
    for _ in range(2):
        give_up(world, payload("charge", step="card"))
    assert told(world) == ["card.unknown", "card.unknown"]


@pytest.mark.usefixtures("queue")
def test_a_saga_turned_back_while_another_delivery_was_faster_is_undone_from_its_very_end(world: World) -> None:
    """What follows the faster one may have begun, so undoing would otherwise begin in the middle."""
    reserve = payload("reserve", first=True)
    world.call(reserve)
    Verdict("order", STEPS, world.services).sagas.abort(SagaKey("order", "t-1"), tuple(STEPS), on_behalf_of="goods")
    give_up(world, reserve)
    assert told(world) == ["card.unknown"]


@pytest.mark.usefixtures("queue")
def test_with_nothing_to_undo_the_relay_closes_the_saga_itself(world: World) -> None:
    give_up(world, payload("reserve", first=True, ends={"unknown": "COMPENSATED"}))
    assert (told(world), world.meta()) == (["saga.compensated"], "COMPENSATED")


def test_a_compensation_delivered_in_vain_is_stuck_and_kept(world: World, queue: Queue) -> None:
    world.call(payload("reserve", first=True))
    undo = payload("release", "compensation", failure={"outcome": "unknown"})
    give_up(world, undo)
    assert (told(world), world.meta()) == (["saga.stuck"], "STUCK")
    body, reason = queue.parked[0]
    assert json.loads(body) == undo
    assert reason == "saga 't-1' is stuck at the compensation of 'goods'"


def test_copies_of_a_letter_that_waits_already_are_counted_and_not_kept(world: World, queue: Queue) -> None:
    """Each would make another copy when it is redriven, and so on: they once filled a queue with one saga."""
    world.call(payload("reserve", first=True))
    undo = payload("release", "compensation", failure={"outcome": "unknown"})
    for message in ("m1", "m2", "m3"):
        give_up(world, undo, message=message)
    assert (len(queue.parked), told(world)) == (1, ["saga.stuck"])
    # Whoever resumes meanwhile learns that what he set going has failed too.
    seen = sagas(world).state(KEY)
    give_up(world, undo, message="m4")
    assert not sagas(world).unstick(KEY, seen)


def test_a_relay_that_died_before_it_kept_the_letter_keeps_it_the_next_time(world: World, queue: Queue) -> None:
    world.call(payload("reserve", first=True))
    undo = payload("release", "compensation", failure={"outcome": "unknown"})
    for _ in range(2):
        give_up(world, undo, message="m1")
    assert len(queue.parked) == 2


def test_a_letter_that_has_left_its_queue_makes_room_for_the_next(world: World, queue: Queue) -> None:
    world.call(payload("reserve", first=True))
    undo = payload("release", "compensation", failure={"outcome": "unknown"})
    give_up(world, undo, message="m1")
    assert sagas(world).open_letter(KEY, sagas(world).state(KEY))
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
    Verdict("order", STEPS, world.services).sagas.abort(SagaKey("order", "t-1"), tuple(STEPS))
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


def fail(world: World, **execution: str) -> States:
    """An execution ends otherwise than by success."""
    states = States(payload("reserve")["saga"])
    states.execution.update(execution)
    world.services.__dict__["states"] = states
    Executions(Verdict("order", STEPS, world.services)).failed(RUN)
    return states


@pytest.mark.parametrize("status", ["ABORTED", "TIMED_OUT", "FAILED"])
def test_an_execution_that_dies_is_fenced_and_run_again_to_its_way_back(world: World, status: str) -> None:
    world.call(payload("reserve", first=True))
    again = fail(world, status=status)
    assert (again.started, again.backs) == (["t-1.1"], ["goods"])
    assert (world.meta(), told(world)) == ("COMPENSATING", [])


def test_what_died_runs_again_on_the_version_it_started_with(world: World) -> None:
    world.call(payload("reserve", first=True))
    assert fail(world, status="ABORTED", stateMachineArn="newest", stateMachineVersionArn="machine").started == [
        "t-1.1"
    ]


def test_an_execution_that_dies_again_and_again_is_stuck(world: World) -> None:
    world.call(payload("reserve", first=True))
    assert fail(world, status="ABORTED", name="t-1.3").started == []
    assert (world.meta(), told(world)) == ("STUCK", ["saga.stuck"])


def test_an_execution_that_fails_on_its_way_back_is_stuck(world: World) -> None:
    world.call(payload("reserve", first=True))
    fail(world, status="ABORTED")
    assert fail(world, error="RuntimeError", cause="down").started == []
    assert (world.meta(), told(world)) == ("STUCK", ["saga.stuck"])
    assert world.item("META")["err"] == "RuntimeError: down"


def test_a_stuck_outside_compensation_is_stuck_at_its_own_step(world: World) -> None:
    world.call(payload("reserve", first=True))
    world.call(payload("charge", step="card"))
    fail(world, status="ABORTED")
    world.shop.raises = RuntimeError("down")
    with pytest.raises(RuntimeError):
        world.call(payload("refund", "compensation", step="card", failure={"outcome": "unknown", "recorded": True}))
    fail(world, error="RuntimeError", cause="down")
    assert world.item("META")["stuck"] == "card"


def test_a_compensated_execution_needs_no_answer(world: World) -> None:
    world.call(payload("release", "compensation", failure={"outcome": "rejected"}, ends={"compensated": "COMPENSATED"}))
    world.published.clear()
    assert fail(world, error="COMPENSATED", cause='{"outcome": "rejected"}').started == []
    assert (world.meta(), told(world)) == ("COMPENSATED", [])


@pytest.mark.parametrize("error", ["COMPENSATED", "Runtime.ExitError"])
def test_whoever_closed_a_saga_and_died_before_telling_is_spoken_for(world: World, error: str) -> None:
    world.call(payload("release", "compensation", failure={"outcome": "unknown"}, ends={"compensated": "COMPENSATED"}))
    world.published.clear()
    fail(world, error=error, cause='{"outcome": "unknown"}')
    assert told(world) == ["saga.compensated"]


def test_an_execution_through_with_nothing_to_undo_is_closed(world: World) -> None:
    fail(world, error="COMPENSATED", cause="no answer")
    assert (world.meta(), told(world)) == ("COMPENSATED", ["saga.compensated"])


class Died(BaseException):
    """As a function does: nothing catches it."""


def dying_at_the_bus(world: World, **execution: str) -> None:
    """The relay dies between what it tells the ledger and what it tells the bus."""

    def die(**_: Any) -> None:
        raise Died

    bus = world.services.events.meta.events
    bus.register_first("before-call.events.PutEvents", die)
    with pytest.raises(Died):
        fail(world, **execution)
    bus.unregister("before-call.events.PutEvents", die)
    world.published.clear()


def test_a_relay_that_died_before_telling_anybody_tells_it_when_called_again(world: World) -> None:
    world.call(payload("reserve", first=True))
    fail(world, status="ABORTED")
    dying_at_the_bus(world, error="RuntimeError")
    fail(world, error="RuntimeError")
    assert (world.meta(), told(world)) == ("STUCK", ["saga.stuck"])


def test_a_saga_closed_by_a_relay_that_died_is_announced_by_the_next(world: World) -> None:
    dying_at_the_bus(world, error="COMPENSATED")
    fail(world, error="COMPENSATED")
    assert (world.meta(), told(world)) == ("COMPENSATED", ["saga.compensated"])


def test_an_execution_of_a_saga_cancelled_before_it_began_is_closed(world: World) -> None:
    Verdict("order", STEPS, world.services).sagas.abort(SagaKey("order", "t-1"), tuple(STEPS))
    fail(world, error="COMPENSATED")
    assert (world.meta(), told(world)) == ("COMPENSATED", ["saga.compensated"])


def test_an_execution_under_a_taken_id_is_left_alone(world: World) -> None:
    world.call(payload("reserve", first=True, given={"n": 9}))
    assert fail(world, status="ABORTED").started == []
    assert (world.meta(), told(world)) == ("RUNNING", [])


def test_a_saga_that_begins_while_it_is_being_aborted_is_turned_back(world: World) -> None:
    begun: list[str] = []

    def begin(model: Any, **_: Any) -> None:
        # Between the abort's first look, which finds nothing, and its second.
        if model.name == "TransactWriteItems" and world.requests.count("TransactWriteItems") == 2 and not begun:
            begun.append("now")
            world.call(payload("reserve", first=True))

    world.services.dynamodb.meta.events.register("before-call.dynamodb", begin)
    Verdict("order", STEPS, world.services).sagas.abort(SagaKey.of(parse(payload("reserve", first=True))), tuple(STEPS))
    assert (begun, world.meta(), world.stock()) == (["now"], "COMPENSATING", 4)


# After the pivot.


@pytest.mark.usefixtures("queue")
def test_a_pivot_that_committed_but_could_not_say_so_goes_forward(world: World) -> None:
    world.call(payload("reserve", first=True, pivot=True))
    give_up(world, payload("reserve", first=True, pivot=True))
    assert (told(world), world.meta(), world.stock()) == (["goods.succeeded"], "COMMITTED", 4)


def test_a_step_after_the_pivot_delivered_in_vain_is_stuck_and_kept(world: World, queue: Queue) -> None:
    world.call(payload("reserve", first=True, pivot=True))
    give_up(world, payload("charge", step="card", forward=True))
    assert (told(world), world.item("META")["stuck"]) == (["saga.stuck"], "card")
    assert queue.parked[0][1] == "saga 't-1' is past its pivot and stuck at 'card'"
    world.call(payload("charge", step="card", forward=True, ends={"succeeded": "COMPLETED"}))
    assert world.meta() == "COMPLETED"


def test_an_execution_that_fails_after_the_pivot_is_stuck_at_the_next_step(world: World) -> None:
    world.call(payload("reserve", first=True, pivot=True))
    assert fail(world, error="RuntimeError", cause="down").started == []
    assert (told(world), world.meta(), world.item("META")["stuck"]) == (["saga.stuck"], "COMMITTED", "card")


def test_a_no_after_the_pivot_is_stuck_at_once_for_its_own_reason(world: World) -> None:
    world.call(payload("reserve", first=True, pivot=True))
    assert fail(world, error="RejectedPastPivot", cause="closed").started == []
    assert world.item("META")["err"] == "RejectedPastPivot: closed"


@pytest.mark.parametrize("died", [{"status": "ABORTED"}, {"error": "PastPivot"}])
def test_an_execution_that_dies_after_the_pivot_is_run_again_to_go_forward(world: World, died: dict[str, str]) -> None:
    world.call(payload("reserve", first=True, pivot=True))
    assert fail(world, **died).started == ["t-1.1"]
    assert (world.meta(), "fence" in world.item("STEP#0#card")) == ("COMMITTED", False)
