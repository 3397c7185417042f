"""The permissions of a saga, attached to roles: each gets a policy in the saga's stack, of the statements rendered."""

import functools
from collections.abc import Iterable, Sequence
from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from cdk_saga.aws.added_policy import added_policy, is_attached
from cdk_saga.aws.bus import ISagaBus
from cdk_saga.aws.keys import endpoint
from cdk_saga.aws.ledger import ILedger
from cdk_saga.aws.wiring import Wired
from cdk_saga.render.permissions import (
    BUS,
    KEY,
    LEDGER,
    LEDGER_KEY,
    Permissions,
    Statement,
    conditions_of,
    function_of,
    via,
)

SERVICES: Final = ("dynamodb", "sqs", "states")
"""Those through which roles use keys."""


class SagaPermissions:
    """What the roles of one saga may do; resources are named as they are made, then the policies are filled.

    Args:
        scope: the saga.
        permissions: the statements of each role.
        wired: the participants.
        ledger: the saga's.
        bus: likewise.
        encryption_key: of the saga's queues and executions.

    Attributes:
        names: what the statements call a resource → its ARN.
    """

    def __init__(
        self,
        scope: Construct,
        permissions: Permissions,
        wired: Iterable[Wired],
        *,
        ledger: ILedger,
        bus: ISagaBus,
        encryption_key: kms.IKey | None,
    ) -> None:
        keys = {KEY: encryption_key, LEDGER_KEY: ledger.encryption_key}
        self.names: dict[str, str] = {
            LEDGER: ledger.arn,
            BUS: bus.arn,
            **{function_of(one.name): one.arn for one in wired},
            **{via(service): endpoint(service) for service in SERVICES},
            **{name: key.key_arn for name, key in keys.items() if key},
        }
        self._scope = scope
        self._ledger = ledger
        self._permissions = permissions
        self._filled: list[tuple[iam.Policy | iam.ManagedPolicy, Statement]] = []

    def policy(self, name: str, role: iam.IRole) -> Sequence[iam.Policy | iam.ManagedPolicy]:
        """Attach policies to a participant's role; they are filled later.

        Policies of the saga's stack: in the function's, they would depend on this one in a circle. One inline policy
        as long as the role has room for it, else managed policies.
        """
        held, policies = self._held(name), self._ledger.policies_of(role)
        inline = added_policy(self._scope, f"{name}.permissions", roles=[role], statements=[])
        if not is_attached(inline) or policies.take_inline(held):
            self._filled += [(inline, one) for one in held]
            return [inline]
        self._scope.node.try_remove_child(inline.node.id)
        managed = [*policies.manage(self._scope, f"{name}.policy", role, held)]
        self._filled += managed
        return [policy for policy, _ in managed]

    def fill(self) -> None:
        """Write the statements, now that every resource has its name."""
        for policy, one in self._filled:
            policy.add_statements(self._statement(one))

    def _held(self, name: str) -> list[Statement]:
        return [one for one in self._permissions[name] if not one.needs_key or one.on[0].name in self.names]

    def statements(self, name: str) -> Sequence[iam.PolicyStatement]:
        """What a role may do."""
        return [self._statement(one) for one in self._held(name)]

    def grant(self, name: str, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` do what a role may."""
        grants = [
            iam.Grant.add_to_principal(
                grantee=grantee,
                actions=[*one.actions],
                resource_arns=self._arns(one),
                conditions=conditions_of(one, self.names),
            )
            for one in self._held(name)
        ]
        return functools.reduce(iam.Grant.combine, grants)

    def _statement(self, one: Statement) -> iam.PolicyStatement:
        conditions = conditions_of(one, self.names)
        return iam.PolicyStatement(actions=[*one.actions], resources=self._arns(one), conditions=conditions)

    def _arns(self, one: Statement) -> list[str]:
        return [on.text(self.names) for on in one.on]
