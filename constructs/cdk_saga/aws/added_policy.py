"""Policies that a saga adds to the roles of functions, which other stacks may have added policies to as well."""

import json
from collections.abc import Sequence
from typing import Final, cast

import jsii
from aws_cdk import Annotations, Names, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct, IValidation

MAX_NAME: Final = 128
"""Characters of a policy's name (IAM User Guide, "IAM and AWS STS quotas")."""


def added_policy(
    scope: Construct, id: str, *, roles: Sequence[iam.IRole], statements: Sequence[iam.PolicyStatement]
) -> iam.Policy:
    """A policy whose name begins with its stack's, attached to the roles that take it.

    A role that is imported as immutable, or that CDK is told to leave alone (``Role.customize_roles``), gets nothing;
    what it has to be allowed is a warning at synth.

    CDK would name it by its logical id, which is the same in each stack that has a saga under the same construct id;
    and the second policy of a name replaces the first on a role they share ("adds or updates an inline policy
    document", IAM API Reference, PutRolePolicy).
    """
    name = Names.unique_resource_name(scope, max_length=MAX_NAME - len(id), allowed_special_characters="-")
    policy = iam.Policy(scope, id, policy_name=f"{name}{id}", statements=statements)
    for role in roles:
        # Not roles=: that attaches the policy to a role that is not to be changed, too.
        role.attach_inline_policy(policy)
        scope.node.add_validation(cast(IValidation, _Report(scope, role, policy)))
    return policy


def is_attached(policy: iam.Policy) -> bool:
    """Whether a role has taken a policy."""
    return bool(Stack.of(policy).resolve(cast(iam.CfnPolicy, policy.node.default_child).roles))


@jsii.implements(IValidation)
class _Report:
    def __init__(self, scope: Construct, role: iam.IRole, policy: iam.Policy) -> None:
        self._scope, self._role, self._policy = scope, role, policy

    def validate(self) -> list[str]:
        """Warn about what is not attached; called by CDK, when the policy has all its statements."""
        if not is_attached(self._policy):
            stack = Stack.of(self._scope)
            document = json.dumps(stack.resolve(self._policy.document.to_json()))
            Annotations.of(self._scope).add_warning_v2(
                f"cdk-saga:RoleNotChanged:{self._policy.node.id}",
                f"role {self._role.node.path} is not to be changed, so nothing is attached; it needs: {document}",
            )
        return []
