"""A customer-managed key: what it encrypts, who may use it for what, and nobody else."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from aws_cdk import Stack
from aws_cdk import aws_kms as kms

from cdk_saga.aws import OrchestratedSaga
from iam.oracle import Account, Grant
from parts import STYLES, Deployed, Style, deploy, function
from stacks.environments import ENVIRONMENTS
from templates import Json, id_of, of_type, only, readable, synthesized

ENCRYPTED_BY: Final[dict[str, Callable[[Json], list[Any]]]] = {
    "AWS::DynamoDB::GlobalTable": lambda table: [
        replica["SSESpecification"]["KMSMasterKeyId"]
        for replica in table["Replicas"]
        if table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    ],
    "AWS::Events::EventBus": lambda bus: [bus["KmsKeyIdentifier"]],
    "AWS::Lambda::Function": lambda function: [function["KmsKeyArn"]],
    "AWS::Logs::LogGroup": lambda group: [group["KmsKeyId"]],
    "AWS::SNS::Topic": lambda topic: [topic["KmsMasterKeyId"]],
    "AWS::SQS::Queue": lambda queue: [queue["KmsMasterKeyId"]],
    "AWS::StepFunctions::StateMachine": lambda machine: [machine["EncryptionConfiguration"]["KmsKeyId"]],
}
"""Type of resource that holds something → the key that it names."""
FOR_WHEN_THE_KEY_FAILS: Final = "BusDead"
"""The queue that EventBridge fills when it cannot use the key; encrypted by a key of Amazon SQS."""
HOLDS_NOTHING: Final = {
    "AWS::CDK::Metadata",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::Events::EventBusPolicy",
    "AWS::Events::Rule",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Permission",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::StepFunctions::StateMachineAlias",
    "AWS::StepFunctions::StateMachineVersion",
}
"""Types of resources without data of their own. A rule on an encrypted bus is encrypted with it."""
NEEDS: Final = {
    "dynamodb:GetItem": {("kms:Decrypt", "dynamodb")},
    "dynamodb:PutItem": {("kms:Decrypt", "dynamodb")},
    "dynamodb:UpdateItem": {("kms:Decrypt", "dynamodb")},
    "dynamodb:DeleteItem": {("kms:Decrypt", "dynamodb")},
    "dynamodb:Query": {("kms:Decrypt", "dynamodb")},
    "sqs:ReceiveMessage": {("kms:Decrypt", "sqs")},
    "sqs:SendMessage": {("kms:Decrypt", "sqs"), ("kms:GenerateDataKey", "sqs")},
    "states:DescribeExecution": {("kms:Decrypt", "states")},
    "states:GetExecutionHistory": {("kms:Decrypt", "states")},
}
"""What a role is allowed → what it therefore needs of the key, and through which service (the services' guides)."""
NEEDS_NOTHING: Final = {
    "events:PutEvents",
    "lambda:InvokeFunction",
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "states:SendTaskFailure",
    "states:SendTaskSuccess",
    "states:StartExecution",
}
"""Calls for which the service uses the key itself, or which see no data."""
EXECUTES: Final = {("kms:Decrypt", "itself"), ("kms:GenerateDataKey", "itself"), ("kms:GenerateDataKey", "logs")}
"""What a state machine's role needs: for definition and executions, and to hand over logs."""


@pytest.fixture(scope="module")
def prod(templates: dict[str, Json]) -> dict[str, Json]:
    return {name: template for name, template in templates.items() if name.startswith("prod-")}


@pytest.fixture(scope="module")
def account(prod: dict[str, Json]) -> Account:
    return Account(prod)


def key_statements(template: Json) -> list[Json]:
    return readable(only(template, "AWS::KMS::Key"))["KeyPolicy"]["Statement"]


def test_everything_at_rest_is_encrypted_with_the_one_key(prod: dict[str, Json]) -> None:
    key = id_of(prod["prod-State"], "AWS::KMS::Key", "")
    seen: set[str] = set()
    for stack, template in prod.items():
        for id, resource in template["Resources"].items():
            kind = resource["Type"]
            if (kind, id.startswith(FOR_WHEN_THE_KEY_FAILS)) == ("AWS::SQS::Queue", True):
                continue
            if kind in ENCRYPTED_BY:
                seen.add(kind)
                named = readable(ENCRYPTED_BY[kind](resource["Properties"]))
                assert named, f"{stack}/{id}"
                assert all(key in name for name in named), f"{stack}/{id}: {named}"
            else:
                assert kind in HOLDS_NOTHING, f"{stack}/{id}: does a {kind} hold data?"
    assert seen == ENCRYPTED_BY.keys()


def test_an_environment_that_does_not_ask_for_a_key_has_none(templates: dict[str, Json]) -> None:
    without = {environment.name for environment in ENVIRONMENTS if not environment.customer_key}
    assert without == {"local", "dev", "stg"}
    assert not [name for name in templates if name.split("-")[0] in without and "kms" in str(templates[name]).lower()]


def test_the_key_is_rotated_and_outlives_its_stack(prod: dict[str, Json]) -> None:
    state = prod["prod-State"]
    assert only(state, "AWS::KMS::Key")["EnableKeyRotation"] is True
    assert state["Resources"][id_of(state, "AWS::KMS::Key", "")]["DeletionPolicy"] == "RetainExceptOnCreate"


def test_a_role_may_use_the_key_for_what_else_it_may_do_and_for_nothing_else(account: Account) -> None:
    key = account.named("prod-State", "AWS::KMS::Key", "")
    needed = {(grant.role, *need) for grant in account.grants for need in needs(grant)}
    # Lambda decrypts the variables in the name of the function's role, which is each one that writes logs of its own.
    needed |= {(grant.role, "kms:Decrypt", "lambda") for grant in account.grants if grant.action == "logs:PutLogEvents"}
    machines = {grant.role for grant in account.grants if grant.action == "logs:CreateLogDelivery"}
    assert len(machines) == 3
    needed |= {(machine, *need) for machine in machines for need in EXECUTES}
    uses = [grant for grant in account.grants if grant.action.startswith("kms:")]
    assert {grant.resource for grant in uses} == {f"{key[:-1]}.Arn>"}
    assert {(grant.role, grant.action, used_through(grant)) for grant in uses} == needed


def needs(grant: Grant) -> set[tuple[str, str]]:
    if grant.action in NEEDS:
        return NEEDS[grant.action]
    assert grant.action in NEEDS_NOTHING or grant.action.startswith(("logs:", "kms:")), grant
    return set()


def used_through(grant: Grant) -> str:
    """Through which service a grant on the key may be used; a machine's role uses it for its own machine only."""
    ((operator, name, values),) = grant.conditions
    stack = grant.role.strip("<>").partition("/")[0]
    match operator, name:
        case "StringLike", "kms:ViaService":
            (service, _, rest) = values[0].partition(".")
            assert rest.endswith("/AWS::Region>.*"), grant
            return service
        case "StringLike", "kms:EncryptionContext:aws:states:stateMachineArn":
            machine = values[0]
            assert machine.startswith(f"<{stack}/SagaStateMachine"), grant
            assert values == (machine, f"{machine}:*"), grant
            return "itself"
        case "StringEquals", "kms:EncryptionContext:SourceArn":
            assert values[0].endswith("/AWS::AccountId>:*"), grant
            return "logs"
        case _:
            raise AssertionError(grant)


def test_services_may_use_the_key_for_this_accounts_resources_only(prod: dict[str, Json]) -> None:
    found = {
        (statement["Principal"]["Service"], tuple(listed(statement["Action"])), value)
        for statement in key_statements(prod["prod-State"])[1:]
        for value in values(statement)
    }
    use = ("kms:Decrypt", "kms:GenerateDataKey")
    here = "${AWS::Region}:${AWS::AccountId}"
    bus = f"events:{here}:event-bus/{readable(only(prod['prod-State'], 'AWS::Events::EventBus'))['Name']}"
    assert found == {
        ("events.amazonaws.com", ("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"), bus),
        ("events.amazonaws.com", ("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"), "${AWS::AccountId}"),
        ("events.amazonaws.com", ("kms:DescribeKey",), "${AWS::AccountId}"),
        ("events.amazonaws.com", use, f"events:{here}:rule/*"),
        ("cloudwatch.amazonaws.com", use, f"cloudwatch:{here}:alarm:*"),
        ("delivery.logs.amazonaws.com", ("kms:Decrypt",), f"logs:{here}:*"),
        (
            "logs.${AWS::Region}.amazonaws.com",
            (
                "kms:Decrypt",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ),
            f"logs:{here}:log-group:*",
        ),
    }


def values(statement: Json) -> Iterator[str]:
    for terms in statement["Condition"].values():
        for value in terms.values():
            yield value.removeprefix("arn:${AWS::Partition}:")


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def with_key(style: Style, then: Callable[[Deployed, Stack], object] | None = None, *, imported: bool = False) -> Json:
    """One stack with a saga and its key."""

    def build(stack: Stack) -> None:
        arn = "arn:aws:kms:eu-central-1:111122223333:key/k"
        key = kms.Key.from_key_arn(stack, "Key", arn) if imported else kms.Key(stack, "Key")
        saga = deploy(stack, style, encryption_key=key)
        if then:
            then(saga, stack)

    return synthesized(build)


@pytest.mark.parametrize("style", STYLES)
def test_the_key_names_nothing_that_it_protects(style: Style) -> None:
    """Else neither could be created first."""
    assert "SagaStateMachine" not in str(key_statements(with_key(style)))
    assert "Fn::GetAtt" not in str(only(with_key(style), "AWS::KMS::Key"))


@pytest.mark.parametrize("style", STYLES)
def test_an_imported_key_is_used_all_the_same(style: Style) -> None:
    template = with_key(style, imported=True)
    assert not of_type(template, "AWS::KMS::Key")
    for queue in of_type(template, "AWS::SQS::Queue").values():
        assert queue["KmsMasterKeyId"].endswith(":key/k")


def test_nobody_starts_a_version_before_its_machine_may_use_the_key() -> None:
    template = with_key(OrchestratedSaga)
    version = template["Resources"][id_of(template, "AWS::StepFunctions::StateMachineVersion", "")]
    assert version["DependsOn"] == [id_of(template, "AWS::IAM::Policy", "Encryption")]


def test_a_starter_may_not_use_the_key() -> None:
    """It would read how every saga of this definition fares, with its input and results."""

    def start(saga: Deployed, stack: Stack) -> None:
        saga.grant_start(function(stack, "Starter"))

    for style in STYLES:
        assert "kms" not in str(only(with_key(style, start), "AWS::IAM::Policy", "Starter"))


def test_an_event_that_the_key_fails_for_goes_to_a_queue_that_needs_no_key(prod: dict[str, Json]) -> None:
    state = prod["prod-State"]
    bus, queue = only(state, "AWS::Events::EventBus"), only(state, "AWS::SQS::Queue", FOR_WHEN_THE_KEY_FAILS)
    id = id_of(state, "AWS::SQS::Queue", FOR_WHEN_THE_KEY_FAILS)
    assert readable(bus["DeadLetterConfig"]["Arn"]) == f"${{{id}.Arn}}"
    assert queue == {"MessageRetentionPeriod": 1_209_600, "SqsManagedSseEnabled": True}
    policy = readable(only(state, "AWS::SQS::QueuePolicy", FOR_WHEN_THE_KEY_FAILS))
    (send,) = [one for one in policy["PolicyDocument"]["Statement"] if one["Action"] == "sqs:SendMessage"]
    assert send["Principal"] == {"Service": "events.amazonaws.com"}
    assert f"${{{id_of(state, 'AWS::Events::EventBus', '')}.Arn}}" in send["Condition"]["ArnLike"]["aws:SourceArn"]
    assert only(state, "AWS::CloudWatch::Alarm", FOR_WHEN_THE_KEY_FAILS)["AlarmActions"]


def test_a_bus_without_a_key_has_no_queue_for_that(templates: dict[str, Json]) -> None:
    assert of_type(templates["dev-State"], "AWS::SQS::Queue") == {}
