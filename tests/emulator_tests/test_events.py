"""Events become commands in a queue, as the choreographed style needs it."""

import json
from typing import Any

import pytest

from emulator.instance import Emulator
from emulator_tests.resources import queue, queue_arn

TEMPLATE = '{"task":{"step":"hotel","operation":"action"},"saga":<detail>}'


@pytest.mark.parametrize(
    "saga",
    [
        {"id": "trip-1", "input": {}, "results": {"flight": {"seats": [1, 2.5]}}, "deadline": None},
        {"id": "trip-2", "input": {"name": 'Zoë "<detail>" \\ ☃', "empty": ""}},
    ],
)
def test_a_rule_makes_the_task_and_the_events_detail_the_message(emulator: Emulator, saga: dict[str, Any]) -> None:
    events, url = emulator.client("events"), queue(emulator)
    rule = f"rule-{saga['id']}"
    pattern = {"source": ["saga.trip"], "detail-type": ["flight.succeeded"], "detail": {"id": [saga["id"]]}}
    transformer = {"InputPathsMap": {"detail": "$.detail"}, "InputTemplate": TEMPLATE}
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    events.put_targets(
        Rule=rule, Targets=[{"Id": "queue", "Arn": queue_arn(emulator, url), "InputTransformer": transformer}]
    )
    event = {"Source": "saga.trip", "DetailType": "flight.succeeded", "Detail": json.dumps(saga)}

    events.put_events(Entries=[event, {**event, "DetailType": "hotel.succeeded"}])

    messages = emulator.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    task = {"step": "hotel", "operation": "action"}
    assert [json.loads(message["Body"]) for message in messages] == [{"task": task, "saga": saga}]
