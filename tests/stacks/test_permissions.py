"""Least privilege: exact actions on exact resources."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from aws_cdk import Stack

from cdk_saga import Saga
from cdk_saga.aws import Ledger
from cdk_saga.aws.errors import WiringError
from parts import STYLES, Deployed, Style, deployed, function
from sagas import TRIP
from templates import Json, of_type, only, readable, synthesized

WILDCARDS = {
    "StateMachineRole": "log delivery knows no resources (AWS Step Functions Developer Guide, 'Logging')",
}
"""Part of a policy's logical id → why its statement cannot name a resource."""


def statements(templates: dict[str, Json], *, kind: str) -> Iterator[tuple[str, Json]]:
    for stack, template in templates.items():
        for id, properties in of_type(template, kind).items():
            for statement in properties["PolicyDocument"]["Statement"]:
                yield f"{stack}/{id}", statement


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_no_role_is_allowed_something_on_everything(templates: dict[str, Json]) -> None:
    found = {
        id for id, statement in statements(templates, kind="AWS::IAM::Policy") if "*" in listed(statement["Resource"])
    }
    assert {id for id in found if not any(known in id for known in WILDCARDS)} == set()


def test_no_policy_replaces_another_of_the_same_role(templates: dict[str, Json]) -> None:
    names = Counter(
        (readable(role) if "Fn::ImportValue" in role else f"{stack}/{readable(role)}", policy["PolicyName"])
        for stack, template in templates.items()
        for policy in of_type(template, "AWS::IAM::Policy").values()
        for role in policy["Roles"]
    )
    assert [name for name, times in names.items() if times > 1] == []


def test_no_role_is_allowed_a_family_of_actions(templates: dict[str, Json]) -> None:
    for id, statement in statements(templates, kind="AWS::IAM::Policy"):
        assert not any("*" in action for action in listed(statement["Action"])), id


def test_no_role_has_a_managed_policy(templates: dict[str, Json]) -> None:
    for template in templates.values():
        for id, role in of_type(template, "AWS::IAM::Role").items():
            assert "ManagedPolicyArns" not in role, id


def test_a_queue_takes_messages_over_tls_only_and_from_rules_only_by_their_arn(templates: dict[str, Json]) -> None:
    for id, statement in statements(templates, kind="AWS::SQS::QueuePolicy"):
        if statement["Effect"] == "Deny":
            assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}, id
        else:
            assert statement["Action"] == "sqs:SendMessage", id
            (condition,) = statement["Condition"].values()
            assert list(condition) == ["aws:SourceArn"], id


def test_every_queue_is_encrypted(templates: dict[str, Json]) -> None:
    for template in templates.values():
        for id, queue in of_type(template, "AWS::SQS::Queue").items():
            assert "KmsMasterKeyId" in queue or queue["SqsManagedSseEnabled"] is True, id


def test_a_participant_by_itself_writes_its_logs_and_its_own_table(templates: dict[str, Json]) -> None:
    policy = readable(only(templates["prod-Participants"], "AWS::IAM::Policy", "Flights"))
    allowed = {tuple(listed(statement["Action"])) for statement in policy["PolicyDocument"]["Statement"]}
    assert allowed == {
        ("logs:CreateLogStream", "logs:PutLogEvents"),
        ("dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
        ("kms:Decrypt",),
    }


def test_a_saga_grants_its_participants_its_own_items_and_events(templates: dict[str, Json]) -> None:
    policy = readable(only(templates["prod-TripChoreographed"], "AWS::IAM::Policy", "flights"))
    ledger, publish, *_ = policy["PolicyDocument"]["Statement"]
    assert ledger["Action"] == ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    assert ledger["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": "SAGA#trip-by-events#*"}}
    assert publish["Condition"] == {"ForAllValues:StringEquals": {"events:source": "saga.trip-by-events"}}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", ["manage", "answer"])
def test_operations_and_answers_are_granted_apart(style: Style, name: str) -> None:
    def grant(saga: Deployed, stack: Stack) -> None:
        getattr(saga, f"grant_{name}")(function(stack, "Desk"))

    asking = Saga("trip", [replace(step, callback_timeout=3600) for step in TRIP.all_steps])
    template = deployed(style, grant, saga=asking)
    (statement,) = readable(only(template, "AWS::IAM::Policy", "Desk"))["PolicyDocument"]["Statement"]
    assert statement["Action"] == "lambda:InvokeFunction"
    (alias,) = [id for id, one in of_type(template, "AWS::Lambda::Alias").items() if one["Name"] == name]
    assert statement["Resource"] == f"${{{alias}}}"


@pytest.mark.parametrize("style", STYLES)
def test_answers_to_a_saga_that_asks_nobody_are_not_granted(style: Style) -> None:
    def grant(saga: Deployed, stack: Stack) -> None:
        saga.grant_answer(function(stack, "Desk"))

    with pytest.raises(WiringError, match="allows answers to steps that wait, and none does"):
        deployed(style, grant)


@pytest.mark.parametrize("style", STYLES)
def test_a_starter_may_start_this_saga_and_nothing_else(style: Style) -> None:
    def start(saga: Deployed, stack: Stack) -> None:
        saga.grant_start(function(stack, "Starter"))

    policy = readable(only(deployed(style, start), "AWS::IAM::Policy", "Starter"))
    begun, *allowed = policy["PolicyDocument"]["Statement"]
    assert begun["Action"] == "dynamodb:Query"
    assert begun["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": "SAGA#trip#*"},
        "ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "sk", "ih"]},
        "StringEquals": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
    }
    if style.style == "orchestrated":
        # The alias is a condition: a call on it is authorized on the machine's own ARN.
        assert allowed == [
            {
                "Action": "states:StartExecution",
                "Effect": "Allow",
                "Resource": "${SagaStateMachine2D1F7D68}",
                "Condition": {"ForAnyValue:StringEquals": {"states:StateMachineQualifier": "live"}},
            }
        ]
    else:
        (statement,) = allowed
        assert statement["Action"] == "events:PutEvents"
        assert statement["Condition"] == {
            "ForAllValues:StringEquals": {"events:source": "saga.trip", "events:detail-type": "saga.started"},
        }


@pytest.mark.parametrize("style", STYLES)
def test_who_erases_may_change_the_items_of_this_saga_and_nothing_else(style: Style) -> None:
    def erase(saga: Deployed, stack: Stack) -> None:
        saga.grant_erase(function(stack, "Eraser"))

    policy = readable(only(deployed(style, erase), "AWS::IAM::Policy", "Eraser"))
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["dynamodb:Query", "dynamodb:UpdateItem"]
    assert "Ledger" in statement["Resource"]
    assert statement["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["SAGA#trip#*"]}}


def test_who_reads_the_ledger_may_list_and_look_and_change_nothing() -> None:
    def build(stack: Stack) -> None:
        Ledger(stack, "Ledger").grant_read(function(stack, "Desk"))

    policy = readable(only(synthesized(build), "AWS::IAM::Policy", "Desk"))
    allowed = {
        action: sorted(
            statement["Resource"].endswith("/index/Sagas")
            for statement in policy["PolicyDocument"]["Statement"]
            if action in listed(statement["Action"])
        )
        for action in ("dynamodb:Query", "dynamodb:BatchGetItem")
    }
    assert allowed == {"dynamodb:Query": [False, True], "dynamodb:BatchGetItem": [False]}
    actions = {action for statement in policy["PolicyDocument"]["Statement"] for action in listed(statement["Action"])}
    assert actions == allowed.keys()
