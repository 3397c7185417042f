"""A customer-managed key: which role and which service may use it, through what, and for what.

A role gets it in a policy of its own, a service in the key's policy, by patterns of the account and Region: a key names
nothing that it protects, so that may be in another stack. To the policy of an imported key CDK adds nothing; the
account that owns it has to.
"""

import functools
from collections.abc import Mapping
from typing import Final, cast

from aws_cdk import Aws
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

READ: Final = ("kms:Decrypt",)
"""All that an item or message needs that is read, and an item that is written: DynamoDB has a key of its own for each
table and decrypts that (Amazon DynamoDB Developer Guide, "Encryption at rest: how it works")."""
WRITE: Final = ("kms:Decrypt", "kms:GenerateDataKey")
"""What a message needs that is sent (Amazon SQS Developer Guide, "Key management")."""
ENCRYPT_LOGS: Final = (
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
"""What CloudWatch Logs needs (its User Guide, "Encrypt log data"), its wildcards spelled out."""


def through(key: kms.IKey, service: str, *actions: str) -> iam.PolicyStatement:
    """The statement that lets a role use ``key`` for whatever else it may do with ``service``, e.g. ``"sqs"``."""
    return iam.PolicyStatement(
        actions=[*actions],
        resources=[key.key_arn],
        conditions={"StringLike": {"kms:ViaService": f"{endpoint(service)}.*"}},
    )


def endpoint(service: str) -> str:
    """A service's endpoint in this Region, without its suffix: ``amazonaws.com``, in China ``amazonaws.com.cn``."""
    return f"{service}.{Aws.REGION}"


def grant_key(key: kms.IKey | None, grantee: iam.IGrantable, service: str, *actions: str) -> None:
    """Let ``grantee`` use ``key``, if there is one, for whatever else it may do with ``service``."""
    if key:
        grantee.grant_principal.add_to_principal_policy(through(key, service, *actions))


def encrypt_table(table: dynamodb.TableV2, key: kms.IKey | None) -> None:
    """Encrypt ``table`` with ``key``, if there is one. CDK's own property asks for a stack that knows its Region."""
    if key:
        resource = cast(dynamodb.CfnGlobalTable, table.node.default_child)
        resource.add_property_override("SSESpecification", {"SSEEnabled": True, "SSEType": "KMS"})
        resource.add_property_override("Replicas.0.SSESpecification", {"KMSMasterKeyId": key.key_arn})


def grant_key_to_bus(key: kms.IKey | None) -> None:
    """Let EventBridge look at ``key`` for buses of this account; CDK's bus does the rest."""
    # Describing a key knows no encryption context, on which CDK makes it depend.
    _let(key, "events", ["kms:DescribeKey"], {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}})


def grant_key_to_rules(key: kms.IKey | None) -> None:
    """Let this account's rules send to queues that ``key`` encrypts."""
    _let(key, "events", WRITE, {"ArnLike": {"aws:SourceArn": _arn("events", "rule/*")}})


def grant_key_to_logs(key: kms.IKey | None) -> None:
    """Let CloudWatch Logs use ``key`` for log groups of this account."""
    if key:
        _let(key, f"logs.{Aws.REGION}", ENCRYPT_LOGS, {"ArnLike": {LOG_GROUP: _arn("logs", "log-group:*")}})


def grant_key_to_execution_logs(key: kms.IKey | None) -> None:
    """Let log delivery read what Step Functions hands over with ``key``; the execution's role needs the other half."""
    _let(key, "delivery.logs", READ, {"StringEquals": {LOG_DELIVERY: delivered_logs()}})


def grant_key_to_alarms(key: kms.IKey | None) -> None:
    """Let this account's alarms publish to topics that ``key`` encrypts."""
    _let(key, "cloudwatch", WRITE, {"ArnLike": {"aws:SourceArn": _arn("cloudwatch", "alarm:*")}})


LOG_GROUP: Final = "kms:EncryptionContext:aws:logs:arn"
LOG_DELIVERY: Final = "kms:EncryptionContext:SourceArn"


def delivered_logs() -> str:
    """The encryption context of logs under way; its asterisk stands for itself (Step Functions Developer Guide)."""
    return _arn("logs", "*")


def _let(
    key: kms.IKey | None, service: str, actions: tuple[str, ...] | list[str], conditions: Mapping[str, object]
) -> None:
    if key:
        principal = cast(iam.IPrincipal, iam.ServicePrincipal(f"{service}.amazonaws.com"))
        statement = iam.PolicyStatement(
            principals=[principal], actions=[*actions], resources=["*"], conditions=conditions
        )
        key.add_to_resource_policy(statement)


@functools.cache  # Each of these is a call to jsii's Node process.
def _arn(service: str, resource: str) -> str:
    return f"arn:{Aws.PARTITION}:{service}:{Aws.REGION}:{Aws.ACCOUNT_ID}:{resource}"
