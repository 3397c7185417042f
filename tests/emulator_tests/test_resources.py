"""Resources of CloudFormation that only the patches make possible."""

import json
from typing import Any
from uuid import uuid4

import pytest

from emulator.instance import Emulator
from emulator.server.patches.accepted_resources import ACCEPTED_NOT_EXERCISED
from emulator.waiting import wait_until
from emulator_tests.resources import run

ROLE = "arn:aws:iam::000000000000:role/any"  # CloudFormation does not look here whether it exists
DONE = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
AFTER_ALL = json.dumps({"StartAt": "Then", "States": {"Then": {"Type": "Succeed"}}})


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def template(definition: str) -> str:
    machine = resource("AWS::StepFunctions::StateMachine", DefinitionString=definition, RoleArn=ROLE)
    version = resource(
        "AWS::StepFunctions::StateMachineVersion",
        StateMachineArn={"Ref": "Machine"},
        StateMachineRevisionId={"Fn::GetAtt": ["Machine", "StateMachineRevisionId"]},
    )
    preference = {"StateMachineVersionArn": {"Ref": "Version"}, "Type": "ALL_AT_ONCE"}
    alias = resource("AWS::StepFunctions::StateMachineAlias", Name="live", DeploymentPreference=preference)
    bus = resource("AWS::Events::EventBus", Name={"Ref": "AWS::StackName"})
    archive = resource(
        "AWS::Events::Archive",
        ArchiveName={"Ref": "AWS::StackName"},
        SourceArn={"Fn::GetAtt": ["Bus", "Arn"]},
        EventPattern={"source": ["saga.trip"]},
    )
    resources = {"Machine": machine, "Version": version, "Alias": alias, "Bus": bus, "Archive": archive}
    outputs = {name: {"Value": {"Ref": name}} for name in resources}
    return json.dumps({"Resources": resources, "Outputs": outputs})


@pytest.fixture(name="stack")
def stack_name() -> str:
    return f"stack-{uuid4().hex[:8]}"


def outputs(emulator: Emulator, stack: str, until: str) -> dict[str, str]:
    """The stack's outputs, once what was begun is completed."""
    client = emulator.client("cloudformation")
    client.get_waiter(until).wait(StackName=stack, WaiterConfig={"Delay": 0.02, "MaxAttempts": 200})
    (description,) = client.describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in description.get("Outputs", ())}


def test_an_execution_starts_through_the_alias_of_a_template(emulator: Emulator, stack: str) -> None:
    emulator.client("cloudformation").create_stack(StackName=stack, TemplateBody=template(DONE))
    created = outputs(emulator, stack, "stack_create_complete")

    assert created["Version"] == f"{created['Machine']}:1"
    assert run(emulator, created["Alias"])["status"] == "SUCCEEDED"


def test_a_changed_definition_gets_a_new_version_behind_the_same_alias(emulator: Emulator, stack: str) -> None:
    client = emulator.client("cloudformation")
    client.create_stack(StackName=stack, TemplateBody=template(DONE))
    created = outputs(emulator, stack, "stack_create_complete")

    client.update_stack(StackName=stack, TemplateBody=template(AFTER_ALL))
    updated = outputs(emulator, stack, "stack_update_complete")

    assert updated["Alias"] == created["Alias"]
    assert updated["Version"] == f"{created['Machine']}:2"
    alias = emulator.client("stepfunctions").describe_state_machine_alias(stateMachineAliasArn=updated["Alias"])
    assert alias["routingConfiguration"] == [{"stateMachineVersionArn": updated["Version"], "weight": 100}]


def test_an_archive_of_a_template_collects_events(emulator: Emulator, stack: str) -> None:
    emulator.client("cloudformation").create_stack(StackName=stack, TemplateBody=template(DONE))
    created = outputs(emulator, stack, "stack_create_complete")
    events = emulator.client("events")
    event = {"EventBusName": created["Bus"], "Source": "saga.trip", "DetailType": "saga.started", "Detail": "{}"}

    events.put_events(Entries=[event, {**event, "Source": "another"}])

    assert events.describe_archive(ArchiveName=created["Archive"])["EventCount"] == 1


def test_the_stack_is_deleted_with_all_of_them(emulator: Emulator, stack: str) -> None:
    client = emulator.client("cloudformation")
    client.create_stack(StackName=stack, TemplateBody=template(DONE))
    outputs(emulator, stack, "stack_create_complete")

    client.delete_stack(StackName=stack)
    client.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig={"Delay": 0.02})

    assert stack not in {archive["ArchiveName"] for archive in emulator.client("events").list_archives()["Archives"]}


@pytest.mark.parametrize("kind", ACCEPTED_NOT_EXERCISED)
def test_a_template_with_a_resource_of_no_effect_is_accepted(emulator: Emulator, stack: str, kind: str) -> None:
    body = json.dumps({"Resources": {"It": resource(kind)}, "Outputs": {"It": {"Value": {"Ref": "It"}}}})

    emulator.client("cloudformation").create_stack(StackName=stack, TemplateBody=body)

    assert outputs(emulator, stack, "stack_create_complete")["It"].startswith(stack)


def test_a_template_with_an_alarm_on_an_expression_is_accepted(emulator: Emulator, stack: str) -> None:
    expression = {"Id": "total", "Expression": "SUM(METRICS())"}
    terms = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 1, "EvaluationPeriods": 1}
    body = json.dumps({"Resources": {"It": resource("AWS::CloudWatch::Alarm", Metrics=[expression], **terms)}})

    emulator.client("cloudformation").create_stack(StackName=stack, TemplateBody=body)

    outputs(emulator, stack, "stack_create_complete")
    alarms = emulator.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert any(stack in alarm["AlarmName"] for alarm in alarms)


def status(emulator: Emulator, stack: str) -> str:
    (found,) = emulator.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return found["StackStatus"]


def test_an_output_that_another_stack_imports_can_be_neither_removed_nor_changed(
    emulator: Emulator, stack: str
) -> None:
    client = emulator.client("cloudformation")
    queue = resource("AWS::SQS::Queue")
    exported = {"Value": {"Fn::GetAtt": ["Queue", "QueueName"]}, "Export": {"Name": f"{stack}-name"}}
    both: dict[str, Any] = {"Resources": {"Queue": queue, "Other": queue}, "Outputs": {"Name": exported}}
    changed = {**exported, "Value": {"Fn::GetAtt": ["Other", "QueueName"]}}
    imported = resource("AWS::SQS::Queue", Tags=[{"Key": "of", "Value": {"Fn::ImportValue": f"{stack}-name"}}])
    client.create_stack(StackName=stack, TemplateBody=json.dumps(both))
    before = outputs(emulator, stack, "stack_create_complete")
    client.create_stack(StackName=f"{stack}-b", TemplateBody=json.dumps({"Resources": {"Queue": imported}}))
    outputs(emulator, f"{stack}-b", "stack_create_complete")
    for wrong in ({}, {"Name": changed}):
        client.update_stack(StackName=stack, TemplateBody=json.dumps({**both, "Outputs": wrong}))
        wait_until(lambda: status(emulator, stack) == "UPDATE_ROLLBACK_COMPLETE", what="the rollback")
        assert outputs(emulator, stack, "stack_exists") == before
    client.delete_stack(StackName=f"{stack}-b")
    client.get_waiter("stack_delete_complete").wait(StackName=f"{stack}-b", WaiterConfig={"Delay": 0.02})
    client.update_stack(StackName=stack, TemplateBody=json.dumps({**both, "Outputs": {}}))
    assert outputs(emulator, stack, "stack_update_complete") == {}


def test_a_change_set_may_change_outputs_alone(emulator: Emulator, stack: str) -> None:
    client = emulator.client("cloudformation")
    queue = {"Resources": {"Queue": resource("AWS::SQS::Queue")}}
    named = {**queue, "Outputs": {"Name": {"Value": {"Fn::GetAtt": ["Queue", "QueueName"]}}}}
    client.create_stack(StackName=stack, TemplateBody=json.dumps(queue))
    outputs(emulator, stack, "stack_create_complete")
    made: dict[str, str] = {}
    for name, body in {"same": queue, "named": named}.items():
        client.create_change_set(StackName=stack, ChangeSetName=name, TemplateBody=json.dumps(body))
        made[name] = client.describe_change_set(StackName=stack, ChangeSetName=name)["Status"]

    assert made == {"same": "FAILED", "named": "CREATE_COMPLETE"}
    client.execute_change_set(StackName=stack, ChangeSetName="named")
    assert outputs(emulator, stack, "stack_update_complete")["Name"].startswith(stack)
