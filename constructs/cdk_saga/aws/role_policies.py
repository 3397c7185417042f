"""What the sagas of one ledger attach to one role, within the quotas of IAM (IAM User Guide, "IAM and AWS STS quotas").

A role's inline policies have 10,240 characters together: those of some four choreographed sagas of three steps, or of
thirteen orchestrated ones. What is more goes to managed policies of 6,144 characters each. A role has ten of these
unless AWS raises that, so the sagas of one stack share them.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from aws_cdk import Annotations, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_saga.limits import MANAGED_POLICIES, MANAGED_POLICY, ROLE_POLICIES
from cdk_saga.render.permissions import Statement, conditions_of

OWN_POLICY: Final = 1_024
"""Characters kept for what a role may do besides: its logs, its own table, the key for both."""
MAX_ARN: Final = 132
"""Characters of a queue's ARN: 80 of its name, and the longest Region's."""
RESOURCES: Final = 20
"""Resources of a statement in a managed policy, which has room for twice as many."""


class _Longest(dict[str, str]):
    """Names of resources, before the resources are made: each ARN is as long as one can be."""

    def __missing__(self, name: str) -> str:
        return "x" * MAX_ARN


@dataclass
class _Managed:
    """A managed policy, in the stack of the sagas that share it."""

    policy: iam.ManagedPolicy
    stack: Stack
    size: int


@dataclass
class RolePolicies:
    """The policies of one role.

    Attributes:
        inline: characters of its inline policies.
        managed: its managed policies.
    """

    inline: int = OWN_POLICY
    managed: list[_Managed] = field(default_factory=list[_Managed])

    def take_inline(self, statements: Sequence[Statement]) -> bool:
        """Whether a further inline policy has room; if so, it counts from now on."""
        size = size_of(statements)
        if self.inline + size > ROLE_POLICIES.most:
            return False
        self.inline += size
        return True

    def manage(
        self, scope: Construct, id: str, role: iam.IRole, statements: Sequence[Statement]
    ) -> Iterator[tuple[iam.ManagedPolicy, Statement]]:
        """Find room for statements in managed policies of the stack; warn when they are more than the quota.

        Args:
            scope: the saga.
            id: how the construct ids of new policies begin.
            role: the role.
            statements: what it is allowed.

        Yields:
            Each statement, or a part of it, and the policy that it belongs to.
        """
        number = len(self.managed)
        for one in _divided(statements):
            yield self._with_room(scope, f"{id}.{len(self.managed) + 1}", role, size_of([one])), one
        if len(self.managed) > max(number, MANAGED_POLICIES.most):
            Annotations.of(scope).add_warning_v2(
                "cdk-saga:ManyPolicies",
                f"role {role.node.path} has {len(self.managed)} managed policies of its sagas, the quota is "
                f"{MANAGED_POLICIES.most}: have it raised, put sagas into one stack, where they share policies, or "
                f"divide the participant in two, which may share their code",
            )

    def _with_room(self, scope: Construct, id: str, role: iam.IRole, size: int) -> iam.ManagedPolicy:
        stack = Stack.of(scope)
        for known in self.managed:
            if known.stack is stack and known.size + size <= MANAGED_POLICY.most:
                known.size += size
                return known.policy
        # Not the role's add_managed_policy: the role's stack would depend on the saga's, in a circle.
        policy = iam.ManagedPolicy(scope, id, roles=[role])
        self.managed.append(_Managed(policy, stack, size))
        return policy


def size_of(statements: Sequence[Statement]) -> int:
    """Characters of a policy at most."""
    names = _Longest()
    written: list[dict[str, Any]] = [
        {
            "Effect": "Allow",
            "Action": one.actions,
            "Resource": [on.text(names) for on in one.on],
            "Condition": conditions_of(one, names),
        }
        for one in statements
    ]
    return len(json.dumps({"Version": "2012-10-17", "Statement": written}, separators=(",", ":")))


def _divided(statements: Sequence[Statement]) -> Iterator[Statement]:
    for one in statements:
        for start in range(0, len(one.on), RESOURCES):
            yield replace(one, on=one.on[start : start + RESOURCES])
