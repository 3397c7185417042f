"""Simulated time and delivery follow AWS's rules: at least once, in any order, and functions die in the middle."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cdk_saga.testing import Crash, Delay, Duplicate, Fault, LostReply, NotTaken, Schedule, Slow, Throttled
from cdk_saga.testing.clock import Clock, Endless
from cdk_saga.testing.faults import Faults
from cdk_saga.testing.services.bus import Rule
from cdk_saga.testing.services.function import Function
from cdk_saga.testing.services.queues import Consumer, Queue
from cdk_saga.testing.world import BUS, World

Json = dict[str, Any]
Handler = Callable[[Json], Any]


class Station:
    """A queue whose messages a function gets, and what it has seen of them."""

    def __init__(self, *faults: Fault, attempts: int = 3, timeout: float = 10.0) -> None:
        self.world = World(Schedule.calm(), Faults(faults), {})
        self.seen: list[tuple[float, str, int]] = []
        self.work: Handler = lambda _record: None
        self.dead = self.world.queues.add(Queue("failed"))
        consumer = Consumer(Function("worker", self._handle, timeout), "a.action")
        self.queue = self.world.queues.add(Queue("work", 60.0, consumer, attempts, self.dead))
        self.world.dynamodb.create_table(
            TableName="table",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        )

    def run(self, work: Handler, message: str = "m") -> list[tuple[float, str, int]]:
        """Send a message and let time go by; returns when it was delivered, and how often before."""
        self.work = work
        self.world.queues.send(self.queue, message)
        self.world.clock.run(100)
        return self.seen

    def add(self, _record: Json) -> None:
        """Count in the table."""
        self.client("dynamodb").update_item(
            TableName="table",
            Key={"pk": {"S": "count"}},
            UpdateExpression="ADD n :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    @property
    def count(self) -> int:
        found = self.world.dynamodb.get_item(TableName="table", Key={"pk": {"S": "count"}})
        return int(found["Item"]["n"]["N"]) if found else 0

    def client(self, service: str) -> Any:
        return self.world.client(service)

    def _handle(self, event: Json, _context: Any) -> Json:
        (record,) = event["Records"]
        attempt = int(record["attributes"]["ApproximateReceiveCount"])
        self.seen.append((round(self.world.clock.elapsed), record["body"], attempt))
        try:
            self.work(record)
        except ValueError:
            return {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
        return {"batchItemFailures": []}


def fail(_record: Json) -> None:
    raise ValueError


def explode(_record: Json) -> None:
    raise RuntimeError


def test_a_message_is_delivered_once_when_all_is_well() -> None:
    station = Station()
    assert station.run(station.add) == [(0, "m", 1)]
    assert (station.queue.messages, station.count) == ({}, 1)


@pytest.mark.parametrize("failure", [fail, explode])
def test_a_failed_message_comes_back_after_its_visibility_timeout_until_its_attempts_are_used_up(
    failure: Handler,
) -> None:
    station = Station(attempts=3)
    assert station.run(failure) == [(0, "m", 1), (60, "m", 2), (120, "m", 3)]
    assert [message.body for message in station.dead.messages.values()] == ["m"]


def test_a_function_can_choose_when_a_message_comes_back() -> None:
    station = Station(attempts=2)

    def soon(record: Json) -> None:
        sqs = station.client("sqs")
        url = sqs.get_queue_url(QueueName="work")["QueueUrl"]
        handle = record["receiptHandle"]
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=5)
        raise ValueError

    assert station.run(soon) == [(0, "m", 1), (5, "m", 2)]


def test_a_duplicate_is_another_message_or_the_same_once_more() -> None:
    assert Station(Duplicate("a.action", after=30)).run(lambda _: None) == [(0, "m", 1), (30, "m", 1)]
    again = Duplicate("a.action", after=30, kind="redelivery")
    assert Station(again).run(lambda _: None) == [(0, "m", 1), (30, "m", 2)]


def test_a_delay_beyond_the_visibility_timeout_makes_two_deliveries() -> None:
    assert Station(Delay("a.action", seconds=100)).run(lambda _: None) == [(60, "m", 2), (100, "m", 1)]


@pytest.mark.parametrize(("when", "count"), [("before", 1), ("after", 2)])
def test_a_crash_leaves_the_message_and_what_was_done_before(when: Any, count: int) -> None:
    station = Station(Crash("a.action", when=when))
    assert station.run(station.add) == [(0, "m", 1), (60, "m", 2)]
    assert station.count == count


def test_a_request_whose_reply_is_lost_is_sent_again() -> None:
    station = Station(LostReply("a.action"))
    station.run(station.add)
    assert station.count == 2


def test_a_transaction_whose_reply_is_lost_is_done_once() -> None:
    station = Station(LostReply("a.action"))
    update = {
        "TableName": "table",
        "Key": {"pk": {"S": "count"}},
        "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    station.run(lambda _: station.client("dynamodb").transact_write_items(TransactItems=[{"Update": update}]))
    assert station.count == 1


def test_a_throttled_request_is_refused_and_changes_nothing() -> None:
    station = Station(Throttled("a.action"))
    refusals: list[str] = []

    def twice(record: Json) -> None:
        try:
            station.add(record)
        except ClientError as error:
            refusals.append(str(error))
            station.add(record)

    station.run(twice)
    assert ("ThrottlingException" in refusals[0], station.count) == (True, 1)


def test_a_function_is_killed_when_its_time_is_over_and_its_last_request_still_arrives() -> None:
    station = Station(Slow("a.action", seconds=100), timeout=10)
    assert station.run(station.add) == [(0, "m", 1), (60, "m", 2)]
    first, second = (change.at for change in station.world.dynamodb.changes)
    assert 10 < first - (second - 60) <= 11.1


def test_a_slow_function_that_has_time_goes_on_beside_others() -> None:
    station = Station(Slow("a.action", seconds=5), Duplicate("a.action", after=2), timeout=10)
    station.run(station.add)
    tasks = [entry.attempt for entry in station.world.trace.requests()]
    assert (tasks, station.count) == ([2, 1], 2)


def test_a_function_sees_how_much_time_is_left() -> None:
    left: list[int] = []
    world = World(Schedule.calm(), Faults([Slow("a.action", seconds=4, when="after")]), {})

    def handler(_event: Json, context: Any) -> None:
        left.append(context.get_remaining_time_in_millis())
        world.client("sqs").get_queue_url(QueueName="dead")
        left.append(context.get_remaining_time_in_millis())

    world.functions.invoke(Function("f", handler, 10), {}, "a.action", lambda _: None, lambda _: None)
    world.clock.run(10)
    assert left == [10_000, 5_999]


def test_rules_get_only_the_events_that_match() -> None:
    world = World(Schedule.calm(), Faults(), {})
    got: list[Json] = []
    pattern = {"source": ["saga.trip"], "detail-type": ["a.succeeded"], "detail": {"version": ["v1"]}}
    template = '{"task":{"step":"b"},"saga":<saga>}'

    def target(message: str) -> None:
        got.append(json.loads(message))

    world.bus.rules.append(
        Rule(pattern=pattern, input_paths={"saga": "$.detail"}, input_template=template, target=target)
    )
    for source, kind, version in [
        ("saga.trip", "a.succeeded", "v1"),
        ("saga.trip", "a.succeeded", "v2"),
        ("saga.trip", "b.succeeded", "v1"),
        ("saga.order", "a.succeeded", "v1"),
    ]:
        publish(world, source, kind, {"version": version})
    world.clock.run(10)
    assert got == [{"task": {"step": "b"}, "saga": {"version": "v1"}}]


def publish(world: World, source: str, kind: str, detail: Json) -> Json:
    entry = {"EventBusName": BUS, "Source": source, "DetailType": kind, "Detail": json.dumps(detail)}
    return world.client("events").put_events(Entries=[entry])


def test_an_event_that_is_not_taken_is_only_reported_in_the_answer() -> None:
    station = Station(NotTaken("a.action"))
    answers: list[Json] = []
    station.run(lambda _: answers.append(publish(station.world, "saga.trip", "a.succeeded", {})))
    assert (answers[0]["FailedEntryCount"], station.world.bus.events) == (1, [])


def test_a_run_without_end_is_given_up() -> None:
    clock = Clock()

    def for_ever() -> None:
        clock.after(1, for_ever)

    for_ever()
    with pytest.raises(Endless, match="after 50 events and 50 simulated seconds"):
        clock.run(50)


def test_a_schedule_makes_the_same_choices_again() -> None:
    def taken(schedule: Schedule) -> list[float]:
        return [schedule.delivery(), schedule.request(), schedule.chance(), schedule.invocation()] * 5

    first = Schedule.seeded(7)
    assert taken(first) == taken(Schedule.seeded(7)) == taken(Schedule.chosen(first.choices))
    assert taken(Schedule.calm()) == taken(Schedule.chosen([]))
