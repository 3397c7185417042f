"""The ledger: the table in which every saga's state is decided."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Final, cast

from aws_cdk import RemovalPolicy, Stack, Stage
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from cdk_saga.aws.errors import WiringError
from cdk_saga.aws.keys import READ, encrypt_table, grant_key
from cdk_saga.aws.protection import refuse_contradiction
from cdk_saga.aws.role_policies import RolePolicies
from cdk_saga.render.permissions import INDEX as VIEW
from cdk_saga.render.permissions import WATCHDOG

NAMESPACE: Final = "Saga"
"""The first part of the namespace of sagas' metrics."""


class ILedger(Construct):
    """A ledger: one of this app, or one that is imported.

    Attributes:
        encryption_key: the key.
        table: the table; keys ``pk`` and ``sk``, time to live ``ttl``.
        name: the table's name, asked of jsii once.
        arn: its ARN, likewise.
    """

    table: dynamodb.ITableV2
    encryption_key: kms.IKey | None

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self._sagas: dict[str, object] = {}
        self._policies: dict[str, RolePolicies] = {}

    @functools.cached_property
    def name(self) -> str:
        """The table's name."""
        return self.table.table_name

    @functools.cached_property
    def arn(self) -> str:
        """The table's ARN."""
        return self.table.table_arn

    @functools.cached_property
    def metrics_namespace(self) -> str:
        """The namespace of its sagas' metrics unless their settings name another: that of its stage, else its stack.

        CloudWatch adds up what two environments of one account and Region measure under one name.
        """
        stack = Stack.of(self)
        while parent := stack.nested_stack_parent:
            stack = parent
        stage = Stage.of(self)
        return f"{NAMESPACE}/{(stage and stage.stage_name) or stack.stack_name}"

    def admit(self, saga: str, bus: object) -> None:
        """Note that sagas of this name travel on ``bus``.

        Raises:
            WiringError: they do on another bus, too: one saga could not be told from the other in this ledger.
        """
        if self._sagas.setdefault(saga, bus) is not bus:
            raise WiringError(
                f"saga {saga!r} is on two buses with one ledger, where one could not be told from the other; "
                f"give one of them another name (dataclasses.replace(saga, name=…)) or a ledger of its own"
            )

    def policies_of(self, role: iam.IRole) -> RolePolicies:
        """The policies that all sagas of this ledger attach to a role: they count towards the same quotas."""
        return self._policies.setdefault(role.role_arn, RolePolicies())

    def grant_list(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` list sagas by definition, state and age."""
        return self._grant(grantee, ["dynamodb:Query"], f"{self.arn}/index/{VIEW}")

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee``, a person say, list sagas and see all that is known of each; nothing can be changed."""
        self.grant_list(grantee)
        return self._grant(grantee, ["dynamodb:Query", "dynamodb:BatchGetItem"], self.arn)

    def grant_erase(self, grantee: iam.IGrantable, saga: str) -> iam.Grant:
        """Let ``grantee`` see and erase what the items of one definition's sagas hold; ``saga`` is its name."""
        own = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"SAGA#{saga}#*"]}}
        return self._grant(grantee, ["dynamodb:Query", "dynamodb:UpdateItem"], self.arn, conditions=own)

    def _grant(
        self,
        grantee: iam.IGrantable,
        actions: Sequence[str],
        arn: str,
        *,
        conditions: Mapping[str, Mapping[str, object]] | None = None,
    ) -> iam.Grant:
        grant_key(self.encryption_key, grantee, "dynamodb", *READ)
        # The table's own grant would add every index to each permission.
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=list(actions), resource_arns=[arn], conditions=conditions
        )


class Ledger(ILedger):
    """One table an environment, on demand, whose items expire by themselves.

    A protected table is only ever kept: what CloudFormation may delete, be it the table of a first deployment that
    failed, DynamoDB refuses to, and the stack ends in ``DELETE_FAILED`` or ``ROLLBACK_FAILED``. ``synth`` says so.

    Args:
        removal_policy: what happens to the table when it leaves the stack; by default it is kept, one without
            protection not when its first deployment fails.
        deletion_protection: whether AWS refuses to delete it.
        point_in_time_recovery: whether it can be restored to any second of the last 35 days.
        encryption_key: a customer-managed key; without one, a key that AWS owns. A principal granted something here may
            use it for that.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        removal_policy: RemovalPolicy | None = None,
        deletion_protection: bool = True,
        point_in_time_recovery: bool = True,
        encryption_key: kms.IKey | None = None,
    ) -> None:
        super().__init__(scope, id)
        self.encryption_key = encryption_key
        text = dynamodb.AttributeType.STRING
        table = dynamodb.TableV2(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="pk", type=text),
            sort_key=dynamodb.Attribute(name="sk", type=text),
            billing=dynamodb.Billing.on_demand(),
            time_to_live_attribute="ttl",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=point_in_time_recovery
            ),
            deletion_protection=deletion_protection,
            removal_policy=removal_policy
            or (RemovalPolicy.RETAIN if deletion_protection else RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE),
            global_secondary_indexes=[
                _index(VIEW, "view", "at", ["v", "st", "stuck", "err", "dl", "end"]),
                _index(WATCHDOG, "wd", "alive", ["v"]),
            ],
        )
        encrypt_table(table, encryption_key)
        refuse_contradiction(table)
        self.table = cast(dynamodb.ITableV2, table)

    @staticmethod
    def from_table_name(
        scope: Construct, id: str, table_name: str, *, encryption_key: kms.IKey | None = None
    ) -> ILedger:
        """Import the ledger of another app, in the same account and Region.

        Args:
            scope: its parent.
            id: its construct id.
            table_name: of a table that a :class:`Ledger` made, as it has an index and a time to live.
            encryption_key: the customer-managed key of the table, if it has one.
        """
        table = dynamodb.TableV2.from_table_name
        return _ImportedLedger(scope, id, lambda imported: table(imported, "Table", table_name), encryption_key)

    @staticmethod
    def from_table_arn(scope: Construct, id: str, table_arn: str, *, encryption_key: kms.IKey | None = None) -> ILedger:
        """Import the ledger of another app by its table's ARN; see :meth:`from_table_name`."""
        table = dynamodb.TableV2.from_table_arn
        return _ImportedLedger(scope, id, lambda imported: table(imported, "Table", table_arn), encryption_key)


class _ImportedLedger(ILedger):
    def __init__(
        self, scope: Construct, id: str, table: Callable[[Construct], dynamodb.ITableV2], key: kms.IKey | None
    ) -> None:
        super().__init__(scope, id)
        self.encryption_key = key
        self.table = table(self)


def _index(name: str, partition: str, sort: str, projected: list[str]) -> dynamodb.GlobalSecondaryIndexPropsV2:
    """An index of the items that have both keys; those of the watchdog's only META has, until its saga has ended."""
    return dynamodb.GlobalSecondaryIndexPropsV2(
        index_name=name,
        partition_key=dynamodb.Attribute(name=partition, type=dynamodb.AttributeType.STRING),
        sort_key=dynamodb.Attribute(name=sort, type=dynamodb.AttributeType.NUMBER),
        projection_type=dynamodb.ProjectionType.INCLUDE,
        non_key_attributes=projected,
    )
