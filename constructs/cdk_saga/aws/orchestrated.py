"""The orchestrated style: a Step Functions state machine calls the participants."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final, cast

from aws_cdk import Aws, CfnElement, Duration, Fn, Names, RemovalPolicy, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn

from cdk_saga.aws.acknowledged import LOG_EVERYTHING, TRACING, WILDCARDS, acknowledge, spelled
from cdk_saga.aws.added_policy import added_policy
from cdk_saga.aws.keys import (
    LOG_DELIVERY,
    WRITE,
    delivered_logs,
    grant_key_to_execution_logs,
)
from cdk_saga.aws.saga import SagaBase
from cdk_saga.aws.wiring import Wired
from cdk_saga.limits import DELIVERY_AGE, DELIVERY_ATTEMPTS
from cdk_saga.plan import Plan
from cdk_saga.render import state_machine, with_shared_text
from cdk_saga.render.permissions import ALIAS, EXECUTIONS, MACHINE, STATE_MACHINE
from cdk_saga.render.state_machine import WAIT, placeholder

MARGIN: Final = 15
"""Seconds a task may take beyond its function's time-out: a cold start of up to 10, and the way there and back."""
DIED: Final = ("FAILED", "TIMED_OUT", "ABORTED")
"""How an execution ends that may have left effects behind. A compensated saga's execution also ends FAILED."""


class OrchestratedSaga(SagaBase):
    """A saga as a Standard state machine; parameters are those of :class:`SagaBase`.

    Attributes:
        state_machine: an execution is a saga, its name the saga's id.
        version: the definition as published; a saga in flight stays on the one it started with, also when it is run
            again. Old versions are kept, Step Functions allows 1,000 of them.
        alias: where sagas are started: the newest version.
        log_group: where executions are logged.
        died: the rule that tells recovery about executions that ended without completing.
    """

    style = "orchestrated"

    def _render(self, plan: Plan, previous_versions: Sequence[Plan], wired: Mapping[str, Wired]) -> None:
        del previous_versions  # their sagas stay on the version of the machine that they started with
        definition = state_machine(plan, timeouts={name: p.timeout + MARGIN for name, p in wired.items()})
        arns = {placeholder(name): wired[name].arn for name in self.saga.participants}
        self.log_group = self._log_group()
        waits = any(task.callback_timeout for task in plan.tasks)
        integration = {WAIT: f"arn:{Aws.PARTITION}:states:::lambda:invoke.waitForTaskToken"} if waits else {}
        text, shared = with_shared_text(definition)
        self.state_machine = self._machine(text, {**arns, **integration, **shared})
        self._permit(wired)
        self.version, self.alias = self._published(text)
        self._encrypt()
        self._watch()

    def _log_group(self) -> logs.LogGroup:
        # Without this prefix each group takes room in one resource policy of limited size. A group that outlives its
        # stack would be in the way of the next deployment's; so the name has the id of the stack, new at each creation.
        stack = Fn.select(2, Fn.split("/", Aws.STACK_ID))
        readable = Names.unique_resource_name(self, max_length=200, separator="-")
        name = f"/aws/vendedlogs/states/{readable}-{stack}"
        return logs.LogGroup(
            self,
            "Logs",
            log_group_name=name,
            retention=self._settings.log_retention,
            removal_policy=self._settings.log_removal,
            encryption_key=self._key,
        )

    def _machine(self, definition: str, substitutions: Mapping[str, str]) -> sfn.StateMachine:
        machine = sfn.StateMachine(
            self,
            "StateMachine",
            definition_body=sfn.DefinitionBody.from_string(definition),
            definition_substitutions=substitutions,
            state_machine_type=sfn.StateMachineType.STANDARD,
            logs=sfn.LogOptions(destination=self.log_group, level=self._execution_logs, include_execution_data=False),
        )
        for statement in self._permissions.statements(MACHINE):
            machine.add_to_role_policy(statement)
        acknowledge(machine, f"{WILDCARDS}[Resource::*]", LOG_EVERYTHING, TRACING)
        return machine

    def _permit(self, wired: Mapping[str, Wired]) -> None:
        """Name the machine and its executions; each participant's role gets a policy."""
        machine = self.state_machine
        stack = Stack.of(self)
        place = f"{stack.partition}:states:{stack.region}:{stack.account}"
        self._permissions.names[STATE_MACHINE] = machine.state_machine_arn
        self._permissions.names[EXECUTIONS] = f"arn:{place}:execution:{machine.state_machine_name}"
        for name, one in wired.items():
            self._permissions.policy(name, one.role("write the ledger"))

    def _encrypt(self) -> None:
        """Encrypt definition and executions. CDK's own property asks for a name, which could never be changed."""
        if not self._key:
            return
        machine = cast(sfn.CfnStateMachine, self.state_machine.node.default_child)
        machine.encryption_configuration = sfn.CfnStateMachine.EncryptionConfigurationProperty(
            type="CUSTOMER_MANAGED_KMS_KEY", kms_key_id=self._key.key_arn
        )
        key, arn = [self._key.key_arn], self.state_machine.state_machine_arn
        grant_key_to_execution_logs(self._key)
        hand_over = {"StringEquals": {LOG_DELIVERY: delivered_logs()}}
        self.state_machine.add_to_role_policy(
            iam.PolicyStatement(actions=["kms:GenerateDataKey"], resources=key, conditions=hand_over)
        )
        own = {"StringLike": {"kms:EncryptionContext:aws:states:stateMachineArn": [arn, f"{arn}:*"]}}
        # A policy of its own: in the role's, which comes before the machine, it could not name the machine.
        use = iam.PolicyStatement(actions=[*WRITE], resources=key, conditions=own)
        policy = added_policy(self, "Encryption", roles=[self.state_machine.role], statements=[use])
        self.version.node.add_dependency(policy)

    def _published(self, definition: str) -> tuple[sfn.CfnStateMachineVersion, sfn.CfnStateMachineAlias]:
        # The revision changes with the machine, and a version with another revision is another version.
        version = sfn.CfnStateMachineVersion(
            self,
            "Version",
            state_machine_arn=self.state_machine.state_machine_arn,
            # `cdk deploy --hotswap` compares templates: without this a changed definition changes nothing here, so that
            # it would update the machine and say nothing of the version and the alias, which it cannot.
            description=f"{self.saga.name} {self.saga.version}, text {sha256(definition.encode()).hexdigest()[:12]}",
            state_machine_revision_id=self.state_machine.state_machine_revision_id,
        )
        # Also when a failed update takes back the version that it published: sagas may have started on it.
        version.apply_removal_policy(RemovalPolicy.RETAIN)
        newest = sfn.CfnStateMachineAlias.RoutingConfigurationVersionProperty(
            state_machine_version_arn=version.attr_arn, weight=100
        )
        return version, sfn.CfnStateMachineAlias(self, "Alias", name=ALIAS, routing_configuration=[newest])

    def _watch(self) -> None:
        """Whatever kills an execution leads to compensation too: recovery starts compensation from the ledger."""
        arn = self.state_machine.state_machine_arn
        # The version, not the machine: an execution of an earlier one may have called functions that are gone.
        self.recovery.add_environment("SAGA_STATE_MACHINE", self.version.attr_arn)
        id = Stack.of(self).get_logical_id(cast(CfnElement, self.state_machine.node.default_child))
        stack = Stack.of(self)
        partition, region, account = (spelled(stack, one) for one in (stack.partition, stack.region, stack.account))
        executions = f"arn:{partition}:states:{region}:{account}:execution:<{id}.Name>:*"
        acknowledge(self.recovery.own_role, f"{WILDCARDS}[Resource::{executions}]")
        self.died = events.Rule(
            self,
            "Died",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={"stateMachineArn": [arn], "status": list(DIED)},
            ),
            targets=[self._recovery_target()],
        )

    def _recovery_target(self) -> events.IRuleTarget:
        target = targets.LambdaFunction(
            cast(lambda_.IFunction, self.recovery),
            dead_letter_queue=self.dead_letter_queue,
            max_event_age=Duration.seconds(DELIVERY_AGE.most),
            retry_attempts=DELIVERY_ATTEMPTS.most,
        )
        return cast(events.IRuleTarget, target)

    def _entry(self) -> str:
        return self.alias.attr_arn
