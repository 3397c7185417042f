"""Policies that a saga adds to the roles of functions, which other stacks may have added policies to as well."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Names
from aws_cdk import aws_iam as iam
from constructs import Construct

LONGEST_NAME: Final = 128
"""Characters of a policy's name (IAM User Guide, "IAM and AWS STS quotas")."""


def added_policy(
    scope: Construct, id: str, *, roles: Sequence[iam.IRole], statements: Sequence[iam.PolicyStatement]
) -> iam.Policy:
    """A policy whose name begins with its stack's.

    CDK would name it by its logical id, which is the same in each stack that has a saga under the same construct id;
    and the second policy of a name replaces the first on a role they share ("adds or updates an inline policy
    document", IAM API Reference, PutRolePolicy).
    """
    name = Names.unique_resource_name(scope, max_length=LONGEST_NAME - len(id), allowed_special_characters="-")
    return iam.Policy(scope, id, policy_name=f"{name}{id}", roles=roles, statements=statements)
