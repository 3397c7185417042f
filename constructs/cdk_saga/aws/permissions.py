"""The permissions of a saga, attached to roles: each gets a policy in the saga's stack, of the statements rendered."""

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from cdk_saga.aws.added_policy import added_policy
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
    Ref,
    Statement,
    function_of,
    via,
)

SERVICES: Final = ("dynamodb", "sqs", "states")
"""Those through which roles use keys."""
LONGEST_ARN: Final = 132
"""Characters of a queue's ARN: 80 of its name, and the longest Region's."""


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
        self._policies: dict[str, tuple[iam.IRole, iam.Policy]] = {}

    def policy(self, name: str, role: iam.IRole) -> iam.Policy:
        """The policy of a participant's role, in the saga's stack: the function's would depend on it in a circle."""
        policy = added_policy(self._scope, f"{name}.permissions", roles=[role], statements=[])
        self._policies[name] = role, policy
        return policy

    def fill(self) -> None:
        """Write the statements, now that every resource has its name.

        Raises:
            WiringError: with those of its other sagas, a role has more than IAM allows.
        """
        for name, (role, policy) in self._policies.items():
            self._ledger.expect_policy(name, role.role_arn, self._size(name))
            policy.add_statements(*self.statements(name))

    def _size(self, name: str) -> int:
        """Characters of a role's policy, when each ARN is as long as one can be."""
        names = dict.fromkeys(self.names, "x" * LONGEST_ARN)
        held = [
            {
                "Effect": "Allow",
                "Action": one.actions,
                "Resource": [on.text(names) for on in one.on],
                "Condition": conditions_of(one, names),
            }
            for one in self._held(name)
        ]
        return len(json.dumps({"Version": "2012-10-17", "Statement": held}, separators=(",", ":")))

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


def conditions_of(statement: Statement, names: Mapping[str, str]) -> dict[str, Any]:
    """A statement's conditions as IAM writes them."""
    written: dict[str, dict[str, object]] = {}
    for operator, key, values in statement.conditions:
        texts = [value.text(names) if isinstance(value, Ref) else value for value in values]
        written.setdefault(operator, {})[key] = texts[0] if len(texts) == 1 else texts
    return written
