"""Tables that CloudFormation is told to delete and AWS refuses to: found at synth, also when an aspect did it."""

from typing import Any, cast

import jsii
from aws_cdk import CfnDeletionPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from constructs import IValidation


def refuse_contradiction(table: dynamodb.TableV2) -> None:
    """Make ``synth`` fail for a ``table`` that is protected from deletion and not kept.

    DynamoDB deletes no protected table (Developer Guide, "Using deletion protection"), and ``RetainExceptOnCreate``
    deletes what a failed first deployment made (CloudFormation User Guide, "DeletionPolicy attribute").
    """
    table.node.add_validation(cast(IValidation, _Kept(table)))


@jsii.implements(IValidation)
class _Kept:
    def __init__(self, table: dynamodb.TableV2) -> None:
        self._table = table

    def validate(self) -> list[str]:
        """Say what contradicts; called by CDK after all aspects."""
        resource = cast(dynamodb.CfnGlobalTable, self._table.node.default_child)
        replicas: list[dict[str, Any]] = Stack.of(resource).resolve(resource.replicas)
        policy = resource.cfn_options.deletion_policy
        if policy is CfnDeletionPolicy.RETAIN or not any(one.get("deletionProtectionEnabled") for one in replicas):
            return []
        named = policy.name if policy else "not set"
        what = f"table {self._table.node.path}: its deletion policy is {named}, but AWS refuses to delete it"
        return [f"{what}; use RemovalPolicy.RETAIN, or deletion_protection=False"]
