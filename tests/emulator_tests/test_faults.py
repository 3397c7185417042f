"""Faults injected from outside, in both styles: direct calls by Step Functions, and SQS messages."""

import json
from typing import Any
from uuid import uuid4

import pytest

from emulator.faults import Fault
from emulator.instance import Emulator
from emulator.waiting import wait_until
from emulator_tests.resources import function, invoke, queue, queue_arn, run, state_machine, table

PARTICIPANT = """
    import json, os
    import boto3

    ledger, dynamodb = os.environ["TABLE"], boto3.client("dynamodb")

    def write(command):
        key = {"pk": {"S": "SAGA#trip#" + command["saga"]["id"]}, "sk": {"S": "STEP#0#" + command["task"]["step"]}}
        dynamodb.update_item(
            TableName=ledger, Key={**key, "sk": {"S": "CALLS"}},
            UpdateExpression="ADD calls :one", ExpressionAttributeValues={":one": {"N": "1"}},
        )
        if command["task"]["operation"] == "action":
            item = {**key, "st": {"S": "DONE"}}
            condition = "attribute_not_exists(pk)"
            put = {"TableName": ledger, "Item": item, "ConditionExpression": condition}
            try:
                dynamodb.transact_write_items(TransactItems=[{"Put": put}])
            except dynamodb.exceptions.TransactionCanceledException:
                return "duplicate"
        else:
            dynamodb.update_item(
                TableName=ledger, Key=key, UpdateExpression="SET #st = :undone", ConditionExpression="#st = :done",
                ExpressionAttributeNames={"#st": "st"},
                ExpressionAttributeValues={":undone": {"S": "UNDONE"}, ":done": {"S": "DONE"}},
            )
        return "written"

    def handler(event, context):
        for record in event.get("Records", ()):
            write(json.loads(record["body"]))
        return {} if "Records" in event else write(event)
"""


@pytest.fixture(name="ledger", scope="module")
def ledger_table(running_emulator: Emulator) -> str:
    return table(running_emulator)


@pytest.fixture(name="participant", scope="module")
def participant_function(running_emulator: Emulator, ledger: str) -> str:
    return function(running_emulator, PARTICIPANT, TABLE=ledger)


@pytest.fixture(name="saga")
def saga_id() -> str:
    return f"trip-{uuid4().hex[:8]}"


def command(saga: str, step: str = "hotel", operation: str = "action") -> dict[str, Any]:
    return {"task": {"step": step, "operation": operation}, "saga": {"name": "trip", "id": saga}}


def state(emulator: Emulator, ledger: str, saga: str, step: str = "hotel") -> str | None:
    key = {"pk": {"S": f"SAGA#trip#{saga}"}, "sk": {"S": f"STEP#0#{step}"}}
    return emulator.client("dynamodb").get_item(TableName=ledger, Key=key).get("Item", {}).get("st", {}).get("S")


def calls(emulator: Emulator, ledger: str, saga: str) -> int:
    key = {"pk": {"S": f"SAGA#trip#{saga}"}, "sk": {"S": "CALLS"}}
    item = emulator.client("dynamodb").get_item(TableName=ledger, Key=key).get("Item")
    return int(item["calls"]["N"]) if item else 0


def test_a_crash_before_the_commit_leaves_no_trace(
    emulator: Emulator, participant: str, ledger: str, saga: str
) -> None:
    emulator.faults.set([Fault(saga=saga, fault="crash-before-commit", step="hotel", operation="action")])

    assert invoke(emulator, participant, command(saga))["errorType"] == "Runtime.ExitError"
    assert state(emulator, ledger, saga) is None


def test_a_crash_after_the_commit_leaves_the_effect(
    emulator: Emulator, participant: str, ledger: str, saga: str
) -> None:
    emulator.faults.set([Fault(saga=saga, fault="crash-after-commit", state="DONE")])

    assert invoke(emulator, participant, command(saga))["errorType"] == "Runtime.ExitError"
    assert state(emulator, ledger, saga) == "DONE"


def test_a_compensation_crashes_at_the_state_it_writes_not_at_the_one_it_expects(
    emulator: Emulator, participant: str, ledger: str, saga: str
) -> None:
    invoke(emulator, participant, command(saga))
    action, compensation = (
        Fault(saga=saga, fault="crash-after-commit", operation=operation) for operation in ("action", "compensation")
    )

    emulator.faults.set([action, compensation])
    answer = invoke(emulator, participant, command(saga, operation="compensation"))

    assert answer["errorType"] == "Runtime.ExitError"
    assert state(emulator, ledger, saga) == "UNDONE"
    assert emulator.faults.happened() == 1


def test_a_refused_write_is_no_commit_to_crash_after(emulator: Emulator, participant: str, saga: str) -> None:
    invoke(emulator, participant, command(saga))
    emulator.faults.set([Fault(saga=saga, fault="crash-after-commit")])

    assert invoke(emulator, participant, command(saga)) == "duplicate"
    assert emulator.faults.happened() == 0


def test_other_sagas_and_steps_are_left_alone(emulator: Emulator, participant: str, saga: str) -> None:
    emulator.faults.set([Fault(saga=saga, fault="crash-before-commit", step="hotel")])

    assert invoke(emulator, participant, command(saga, step="flight")) == "written"
    assert invoke(emulator, participant, command(f"{saga}-other")) == "written"


def test_step_functions_retries_through_a_limited_number_of_crashes(
    emulator: Emulator, participant: str, ledger: str, saga: str
) -> None:
    emulator.faults.set([Fault(saga=saga, fault="crash-before-commit", times=2)])
    retry = [{"ErrorEquals": ["Runtime.ExitError"], "MaxAttempts": 2}]
    book = {"Type": "Task", "Resource": participant, "Retry": retry, "End": True}

    execution = run(emulator, state_machine(emulator, {"Book": book}), **command(saga))

    assert json.loads(execution["output"]) == "written"
    assert calls(emulator, ledger, saga) == 3


def test_a_crash_redelivers_the_message(emulator: Emulator, participant: str, ledger: str, saga: str) -> None:
    emulator.faults.set([Fault(saga=saga, fault="crash-after-commit")])
    send(emulator, participant, command(saga))

    wait_until(lambda: calls(emulator, ledger, saga) == 2, what="the second delivery")
    assert state(emulator, ledger, saga) == "DONE"


def test_a_duplicate_call_returns_the_second_reply(
    emulator: Emulator, participant: str, ledger: str, saga: str
) -> None:
    emulator.faults.set([Fault(saga=saga, fault="duplicate", step="hotel", times=None)])

    assert invoke(emulator, participant, command(saga)) == "duplicate"
    assert calls(emulator, ledger, saga) == 2


def test_step_functions_calls_are_doubled_too(emulator: Emulator, participant: str, ledger: str, saga: str) -> None:
    emulator.faults.set([Fault(saga=saga, fault="duplicate")])
    machine = state_machine(emulator, {"Book": {"Type": "Task", "Resource": participant, "End": True}})

    assert json.loads(run(emulator, machine, **command(saga))["output"]) == "duplicate"
    assert calls(emulator, ledger, saga) == 2


def test_a_duplicate_message_is_handled_twice(emulator: Emulator, participant: str, ledger: str, saga: str) -> None:
    emulator.faults.set([Fault(saga=saga, fault="duplicate", times=1)])
    send(emulator, participant, command(saga))

    wait_until(lambda: emulator.faults.happened() and calls(emulator, ledger, saga) == 2, what="the second call")


def send(emulator: Emulator, participant: str, message: dict[str, Any]) -> None:
    """Send a message to a new queue that the participant reads; it is hidden for an hour then."""
    url = queue(emulator, visibility=3600)
    mappings = emulator.client("lambda")
    mappings.create_event_source_mapping(FunctionName=participant, EventSourceArn=queue_arn(emulator, url))
    emulator.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(message))
