"""Tasks that wait for their token: their errors, their answers and their time, as on AWS."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.instance import Emulator
from emulator.waiting import wait_until
from emulator_tests.resources import function, queue, run, state_machine

REFUSED = r"TaskDoesNotExist|TaskTimedOut"
TELLS = """
    import os

    import boto3

    class Rejected(Exception):
        pass

    def client(name):
        return boto3.client(name, endpoint_url=os.environ["AWS_ENDPOINT_URL"])

    def handler(event, context):
        if "queue" in event:
            client("sqs").send_message(QueueUrl=event["queue"], MessageBody=event["token"])
        if event.get("answers"):
            client("stepfunctions").send_task_success(taskToken=event["token"], output='{"by": "itself"}')
        if event.get("fails"):
            raise Rejected("too expensive")
"""

REJECTS_ONCE_TOLD = """
    import os
    import time

    import boto3

    class Rejected(Exception):
        pass

    def handler(event, context):
        sqs = boto3.client("sqs", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
        count = "ApproximateNumberOfMessages"
        while sqs.get_queue_attributes(QueueUrl=event["queue"], AttributeNames=[count])["Attributes"][count] == "0":
            time.sleep(0.02)
        raise Rejected("no rooms")
"""
REPORTS_TWICE = """
    import os
    import time

    import boto3

    def handler(event, context):
        sqs = boto3.client("sqs", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
        sqs.send_message(QueueUrl=os.environ["BEGUN"], MessageBody=event["name"])
        time.sleep(event["seconds"])
        sqs.send_message(QueueUrl=os.environ["ENDED"], MessageBody=event["name"])
"""


def waiting(emulator: Emulator, **task: Any) -> str:
    """A machine of one task that waits for its token, which it sends to the queue it is given."""
    arguments = {
        "FunctionName": function(emulator, TELLS),
        "Payload": "{% $merge([$states.input, {'token': $states.context.Task.Token}]) %}",
    }
    resource = "arn:aws:states:::lambda:invoke.waitForTaskToken"
    return state_machine(emulator, {"Ask": {"Type": "Task", "Resource": resource, "Arguments": arguments, **task}})


def token(emulator: Emulator, url: str) -> str:
    """The next token that a task has sent."""
    client = emulator.client("sqs")
    (message,) = wait_until(lambda: client.receive_message(QueueUrl=url).get("Messages"), what="a token")
    client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return message["Body"]


def test_the_functions_error_is_the_tasks(emulator: Emulator) -> None:
    execution = run(emulator, waiting(emulator, End=True, TimeoutSeconds=60), fails=True)
    assert (execution["status"], execution["error"]) == ("FAILED", "Rejected")
    assert json.loads(execution["cause"])["errorMessage"] == "too expensive"


def test_a_task_that_was_answered_before_its_function_failed_has_succeeded(emulator: Emulator) -> None:
    execution = run(emulator, waiting(emulator, End=True, TimeoutSeconds=60), answers=True, fails=True)
    assert json.loads(execution["output"]) == {"by": "itself"}


def test_each_attempt_has_a_token_of_its_own_and_each_token_one_answer(emulator: Emulator) -> None:
    states, url = emulator.client("stepfunctions"), queue(emulator, visibility=30)
    retry = [{"ErrorEquals": ["Again"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    machine = waiting(emulator, End=True, TimeoutSeconds=60, Retry=retry)
    begun = states.start_execution(stateMachineArn=machine, input=json.dumps({"queue": url}))["executionArn"]

    states.send_task_failure(taskToken=(first := token(emulator, url)), error="Again", cause="")
    states.send_task_success(taskToken=(second := token(emulator, url)), output='{"by": "Ada"}')
    for late in (first, second):
        with pytest.raises(ClientError, match=REFUSED):
            states.send_task_success(taskToken=late, output='{"by": "Bob"}')

    def output() -> str | None:
        return states.describe_execution(executionArn=begun).get("output")

    assert json.loads(wait_until(output, what="the end")) == {"by": "Ada"}


def test_a_task_that_nobody_answers_times_out_and_then_takes_no_answer(emulator: Emulator) -> None:
    url = queue(emulator, visibility=30)
    execution = run(emulator, waiting(emulator, End=True, TimeoutSeconds=1), queue=url)
    assert execution["error"] == "States.Timeout"
    with pytest.raises(ClientError, match=REFUSED):
        emulator.client("stepfunctions").send_task_success(taskToken=token(emulator, url), output="{}")


def rejecting(emulator: Emulator, *, once: str) -> dict[str, Any]:
    """A branch that fails as soon as a queue has a message."""
    task = {"Type": "Task", "Resource": function(emulator, REJECTS_ONCE_TOLD, timeout=60), "Arguments": {"queue": once}}
    return {"StartAt": "Reject", "States": {"Reject": {**task, "End": True}}}


def test_a_failing_branch_stops_one_that_waits(emulator: Emulator) -> None:
    url = queue(emulator, visibility=30)
    ask = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Arguments": {
            "FunctionName": function(emulator, TELLS),
            "Payload": {"queue": url, "token": "{% $states.context.Task.Token %}"},
        },
        "TimeoutSeconds": 86_400,
        "End": True,
    }
    branches = [{"StartAt": "Ask", "States": {"Ask": ask}}, rejecting(emulator, once=url)]
    caught = [{"ErrorEquals": ["Rejected"], "Next": "Compensated"}]
    group = {"Type": "Parallel", "Branches": branches, "Catch": caught, "End": True}

    execution = run(emulator, state_machine(emulator, {"Group": group, "Compensated": {"Type": "Succeed"}}))

    assert execution["status"] == "SUCCEEDED"
    with pytest.raises(ClientError, match=REFUSED):
        emulator.client("stepfunctions").send_task_success(taskToken=token(emulator, url), output="{}")


def test_a_function_in_a_stopped_branch_runs_on_and_nothing_follows_it(emulator: Emulator) -> None:
    begun, ended = queue(emulator), queue(emulator)
    reports = function(emulator, REPORTS_TWICE, BEGUN=begun, ENDED=ended)

    def state(name: str, seconds: float, **then: Any) -> dict[str, Any]:
        return {"Type": "Task", "Resource": reports, "Arguments": {"name": name, "seconds": seconds}, **then}

    states = {"Slow": state("slow", 1, Next="After"), "After": state("after", 0, End=True)}
    group = {"Type": "Parallel", "Branches": [{"StartAt": "Slow", "States": states}, rejecting(emulator, once=begun)]}
    machine = state_machine(emulator, {"Group": {**group, "End": True}})

    assert run(emulator, machine)["error"] == "Rejected"
    assert token(emulator, ended) == "slow"
    run(emulator, state_machine(emulator, {"Last": state("last", 0, End=True)}))
    assert token(emulator, ended) == "last"


def test_a_stopped_execution_takes_no_answer(emulator: Emulator) -> None:
    states, url = emulator.client("stepfunctions"), queue(emulator, visibility=30)
    machine = waiting(emulator, End=True, TimeoutSeconds=60)
    begun = states.start_execution(stateMachineArn=machine, input=json.dumps({"queue": url}))["executionArn"]
    told = token(emulator, url)

    states.stop_execution(executionArn=begun)

    def refused() -> bool:
        try:
            states.send_task_heartbeat(taskToken=told)
        except ClientError:
            return True
        return False

    assert wait_until(refused, what="the token's end")
    with pytest.raises(ClientError, match=REFUSED):
        states.send_task_success(taskToken=told, output="{}")
