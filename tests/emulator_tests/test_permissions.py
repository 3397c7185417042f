"""A function may do what its execution role allows and nothing else."""

from typing import Any

from emulator.instance import Emulator
from emulator.waiting import wait_until
from emulator_tests.resources import function, invoke, queue, role, state_machine, table

READS_AND_WRITES = """
    import os
    import boto3

    dynamodb, key = boto3.client("dynamodb"), {"pk": {"S": "a"}, "sk": {"S": "b"}}

    def handler(event, context):
        dynamodb.get_item(TableName=os.environ["TABLE"], Key=key)
        dynamodb.put_item(TableName=os.environ["TABLE"], Item=key)
"""


def test_what_the_execution_role_does_not_allow_is_denied(emulator: Emulator) -> None:
    name = table(emulator)
    reads = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": f"arn:aws:dynamodb:*:*:table/{name}"}

    answer = invoke(emulator, function(emulator, READS_AND_WRITES, allowed=reads, TABLE=name), {})

    assert "AccessDeniedException) when calling the PutItem operation" in answer["errorMessage"]


STARTS = """
    import os
    import boto3

    def handler(event, context):
        client = boto3.client("stepfunctions")
        return client.start_execution(stateMachineArn=event["machine"], input="{}")["executionArn"]
"""
SENDS = """
    import boto3

    def handler(event, context):
        entry = {"EventBusName": "default", "Source": event["source"], "DetailType": "a.succeeded", "Detail": "{}"}
        return boto3.client("events").put_events(Entries=[entry])["FailedEntryCount"]
"""
ANSWERS = """
    import boto3

    def handler(event, context):
        boto3.client("stepfunctions").send_task_success(taskToken=event["token"], output="{}")
"""


def denied(answer: Any) -> bool:
    return isinstance(answer, dict) and "AccessDenied" in answer.get("errorMessage", "")


def test_a_start_through_an_alias_is_authorized_on_the_machine_and_its_qualifier(
    emulator: Emulator,
) -> None:
    states = emulator.client("stepfunctions")
    machine = state_machine(emulator, {"Done": {"Type": "Succeed"}})
    version = states.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"]
    routed = [{"stateMachineVersionArn": version, "weight": 100}]
    alias = states.create_state_machine_alias(name="live", routingConfiguration=routed)["stateMachineAliasArn"]
    start = {"Effect": "Allow", "Action": "states:StartExecution"}
    live = {"ForAnyValue:StringEquals": {"states:StateMachineQualifier": "live"}}

    narrowed = function(emulator, STARTS, allowed={**start, "Resource": machine, "Condition": live})
    on_alias = function(emulator, STARTS, allowed={**start, "Resource": alias})

    assert not denied(invoke(emulator, narrowed, {"machine": alias}))
    assert denied(invoke(emulator, narrowed, {"machine": version}))
    assert denied(invoke(emulator, on_alias, {"machine": alias}))


def test_an_answer_is_authorized_on_its_tasks_machine(emulator: Emulator) -> None:
    states, sqs, url = emulator.client("stepfunctions"), emulator.client("sqs"), queue(emulator)
    ask = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Arguments": {"QueueUrl": url, "MessageBody": "{% $states.context.Task.Token %}"},
        "End": True,
    }
    machine = state_machine(emulator, {"Ask": ask})
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]
    (message,) = wait_until(lambda: sqs.receive_message(QueueUrl=url).get("Messages"), what="the token")
    answer = {"Effect": "Allow", "Action": "states:SendTaskSuccess"}

    other = function(emulator, ANSWERS, allowed={**answer, "Resource": f"{machine}-other"})
    own = function(emulator, ANSWERS, allowed={**answer, "Resource": machine})

    assert denied(invoke(emulator, other, {"token": message["Body"]}))
    assert states.describe_execution(executionArn=execution)["status"] == "RUNNING"
    assert not denied(invoke(emulator, own, {"token": message["Body"]}))
    late = invoke(emulator, own, {"token": message["Body"]})
    assert late["errorType"] in {"TaskDoesNotExist", "TaskTimedOut"}


def test_events_are_narrowed_by_their_source(emulator: Emulator) -> None:
    own = {"ForAllValues:StringEquals": {"events:source": ["saga.trip"]}}
    allowed = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": "*", "Condition": own}
    sends = function(emulator, SENDS, allowed=allowed)
    assert invoke(emulator, sends, {"source": "saga.trip"}) == 0
    assert denied(invoke(emulator, sends, {"source": "saga.order"}))


def test_a_simulated_call_knows_its_condition_keys(emulator: Emulator) -> None:
    iam, conditions = emulator.client("iam"), {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["SAGA#trip#*"]}}
    reads = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*", "Condition": conditions}
    source = role(emulator, reads)

    def decision(key: str) -> str:
        keys = {"ContextKeyName": "dynamodb:LeadingKeys", "ContextKeyType": "stringList", "ContextKeyValues": [key]}
        asked = {"PolicySourceArn": source, "ActionNames": ["dynamodb:GetItem"], "ContextEntries": [keys]}
        (result,) = iam.simulate_principal_policy(**asked)["EvaluationResults"]
        return result["EvalDecision"]

    assert decision("SAGA#trip#1") == "allowed"
    assert decision("SAGA#order#1") == "implicitDeny"
