"""Executions of state machines: their names, their stop and their JSONata, as on AWS."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.instance import Emulator
from emulator.waiting import wait_until
from emulator_tests.resources import queue, queue_arn, run, state_machine


def activity_machine(emulator: Emulator, **task: Any) -> tuple[str, str]:
    """A machine of one task that a test does itself; returns the ARNs of machine and activity."""
    client = emulator.client("stepfunctions")
    activity = client.create_activity(name=f"activity-{id(task):x}")["activityArn"]
    return state_machine(emulator, {"Book": {"Type": "Task", "Resource": activity, "End": True, **task}}), activity


def history(emulator: Emulator, execution: str) -> list[str]:
    """The types of an execution's events."""
    client = emulator.client("stepfunctions")
    return [event["type"] for event in client.get_execution_history(executionArn=execution)["events"]]


def test_starting_a_running_execution_again_with_the_same_input_returns_it(emulator: Emulator) -> None:
    machine, _ = activity_machine(emulator)
    client, request = emulator.client("stepfunctions"), {"name": "trip-1", "input": '{"seats": 1}'}

    first, second = (client.start_execution(stateMachineArn=machine, **request) for _ in range(2))

    assert second["executionArn"] == first["executionArn"]
    assert second["startDate"] == first["startDate"]


def test_starting_a_running_execution_with_another_input_is_refused(emulator: Emulator) -> None:
    machine, _ = activity_machine(emulator)
    client = emulator.client("stepfunctions")
    client.start_execution(stateMachineArn=machine, name="trip-1", input="{}")

    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        client.start_execution(stateMachineArn=machine, name="trip-1", input='{"seats": 2}')


def test_the_name_of_an_ended_execution_is_refused(emulator: Emulator) -> None:
    machine = state_machine(emulator, {"Done": {"Type": "Succeed"}})
    name = run(emulator, machine)["name"]

    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        emulator.client("stepfunctions").start_execution(stateMachineArn=machine, name=name, input="{}")


def test_a_stopped_execution_stays_aborted_and_retries_nothing(emulator: Emulator) -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 3}]
    machine, activity = activity_machine(emulator, Retry=retry)
    client = emulator.client("stepfunctions")
    execution = client.start_execution(stateMachineArn=machine)["executionArn"]
    token = client.get_activity_task(activityArn=activity)["taskToken"]

    client.stop_execution(executionArn=execution)
    client.send_task_failure(taskToken=token, error="Late", cause="the execution was stopped meanwhile")
    wait_until(lambda: "TaskFailed" in history(emulator, execution), what="the task's end")

    assert client.describe_execution(executionArn=execution)["status"] == "ABORTED"
    assert history(emulator, execution).count("TaskScheduled") == 1
    assert "ExecutionFailed" not in history(emulator, execution)


def test_a_stopped_execution_is_announced_with_its_input(emulator: Emulator) -> None:
    machine, _ = activity_machine(emulator)
    states, events, changes = emulator.client("stepfunctions"), emulator.client("events"), queue(emulator)
    pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [machine], "status": ["ABORTED"]}}
    events.put_rule(Name="changes", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="changes", Targets=[{"Id": "queue", "Arn": queue_arn(emulator, changes)}])

    execution = states.start_execution(stateMachineArn=machine, input='{"id": "trip-1"}')["executionArn"]
    states.stop_execution(executionArn=execution, error="Cancelled", cause="by the customer")

    (message,) = emulator.client("sqs").receive_message(QueueUrl=changes)["Messages"]
    event = json.loads(message["Body"])
    assert event["detail-type"] == "Step Functions Execution Status Change"
    assert event["detail"]["executionArn"] == execution
    assert json.loads(event["detail"]["input"]) == {"id": "trip-1"}


def test_a_parallel_state_merges_its_branches_by_its_output(emulator: Emulator) -> None:
    def branch(name: str) -> dict[str, Any]:
        state = {"Type": "Pass", "Output": {name: "{% $states.input.seats %}"}, "End": True}
        return {"StartAt": name, "States": {name: state}}

    group = {
        "Type": "Parallel",
        "Arguments": {"seats": "{% $states.input.passengers %}"},
        "Branches": [branch("flight"), branch("hotel")],
        "Output": "{% $merge($states.result) %}",
        "Assign": {"booked": "{% $count($states.result) %}"},
        "Next": "Done",
    }
    done = {"Type": "Succeed", "Output": {"results": "{% $states.input %}", "booked": "{% $booked %}"}}
    machine = state_machine(emulator, {"Group": group, "Done": done})

    output = json.loads(run(emulator, machine, passengers=3)["output"])

    assert output == {"results": {"flight": 3, "hotel": 3}, "booked": 2}


def test_an_execution_tells_the_version_and_alias_it_was_started_through(emulator: Emulator) -> None:
    client, machine = emulator.client("stepfunctions"), state_machine(emulator, {"Done": {"Type": "Succeed"}})
    version = client.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"]
    routed = [{"stateMachineVersionArn": version, "weight": 100}]
    alias = client.create_state_machine_alias(name="live", routingConfiguration=routed)["stateMachineAliasArn"]

    plain, through_version, through_alias = (run(emulator, arn) for arn in (machine, version, alias))

    assert not {"stateMachineVersionArn", "stateMachineAliasArn"} & plain.keys()
    assert (through_version["stateMachineVersionArn"], "stateMachineAliasArn" in through_version) == (version, False)
    assert (through_alias["stateMachineVersionArn"], through_alias["stateMachineAliasArn"]) == (version, alias)
