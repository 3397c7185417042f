"""Events become commands in a queue, as the choreographed style needs it."""

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.instance import Emulator
from emulator.waiting import wait_until
from emulator_tests.resources import function, queue, queue_arn

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


FAILS = """
    import os
    from pathlib import Path

    def handler(event, context):
        with Path(os.environ["CALLS"]).open("a") as calls:
            calls.write("x")
        raise RuntimeError("busy")
"""


def test_an_event_is_handed_to_a_failing_function_three_times_and_then_kept(emulator: Emulator, tmp_path: Path) -> None:
    events, url, calls = emulator.client("events"), queue(emulator), tmp_path / "calls"
    arn = function(emulator, FAILS, CALLS=str(calls))
    failures = {"OnFailure": {"Destination": queue_arn(emulator, url)}}
    emulator.client("lambda").put_function_event_invoke_config(FunctionName=arn, DestinationConfig=failures)
    events.put_rule(Name="rule-fails", EventPattern=json.dumps({"source": ["saga.fails"]}))
    events.put_targets(Rule="rule-fails", Targets=[{"Id": "function", "Arn": arn}])

    events.put_events(Entries=[{"Source": "saga.fails", "DetailType": "saga.stuck", "Detail": "{}"}])

    kept = wait_until(
        lambda: emulator.client("sqs").receive_message(QueueUrl=url).get("Messages"), what="a kept event", interval=0.2
    )
    assert json.loads(kept[0]["Body"])["requestPayload"]["source"] == "saga.fails"
    assert calls.read_text() == "xxx"
