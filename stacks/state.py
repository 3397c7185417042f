"""What must outlive every deployment: the ledger, the participants' tables, the bus."""

from typing import Final, cast

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from cdk_saga.aws import Ledger, SagaBus, encrypt_table, grant_key_to_alarms
from stacks.environments import Environment
from stacks.placeholders import refuse_placeholder

OWNERS: Final = ("approvals", "flights", "hotels", "messages", "shipping", "warehouse")
"""Whose data is in a table of ours; the other participants keep it with an external provider."""


class State(Stack):
    """The stateful stack.

    Attributes:
        key: encrypts everything at rest, in this stack and the others; ``None`` leaves that to keys that AWS owns.
        ledger: where sagas are decided.
        bus: where they begin, travel and end.
        tables: the participants' own, by the participant's name.
        alarm_actions: what an alarm does in this environment.
    """

    def __init__(self, scope: Construct, id: str, *, environment: Environment) -> None:
        super().__init__(scope, id)
        self.key = self._key(environment) if environment.customer_key else None
        self.ledger = Ledger(
            self,
            "Ledger",
            removal_policy=environment.tables_removal,
            deletion_protection=environment.protected,
            point_in_time_recovery=environment.protected,
            encryption_key=self.key,
        )
        CfnOutput(self, "LedgerTable", value=self.ledger.table.table_name)
        alarms_to: str | None = self.node.try_get_context("alarms_to") or environment.alarms_to
        if alarms_to:
            refuse_placeholder(self, environment.name, "alarms_to", alarms_to, "its alarms reach no operator")
        self.alarm_actions = [self._mail(alarms_to)] if alarms_to else []
        self.bus = SagaBus(
            self,
            "Bus",
            account_only=environment.bus_policy,
            encryption_key=self.key,
            alarm_actions=self.alarm_actions,
        )
        self.tables = {name: self._table(name.title(), environment) for name in OWNERS}

    def _key(self, environment: Environment) -> kms.IKey:
        key = kms.Key(
            self,
            "Key",
            description=f"sagas of {environment.name}: everything at rest",
            enable_key_rotation=True,
            removal_policy=environment.removal_policy,
        )
        return cast(kms.IKey, key)

    def _table(self, id: str, environment: Environment) -> dynamodb.TableV2:
        table = dynamodb.TableV2(
            self,
            id,
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            billing=dynamodb.Billing.on_demand(),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=environment.protected
            ),
            deletion_protection=environment.protected,
            removal_policy=environment.tables_removal,
        )
        encrypt_table(table, self.key)
        CfnOutput(self, f"{id}Table", value=table.table_name)
        return table

    def _mail(self, address: str) -> cloudwatch.IAlarmAction:
        topic = sns.Topic(self, "Alarms", enforce_ssl=True, master_key=self.key)
        grant_key_to_alarms(self.key)
        topic.add_subscription(cast(sns.ITopicSubscription, subscriptions.EmailSubscription(address)))
        # A topic with a policy of its own no longer has the default one, which lets the account's alarms in.
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[cast(iam.IPrincipal, iam.ServicePrincipal("cloudwatch.amazonaws.com"))],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
        return cast(cloudwatch.IAlarmAction, actions.SnsAction(cast(sns.ITopic, topic)))
