"""Lambda functions as sagas need them: a role and a log group of their own, and nothing they do not use."""

import functools
from dataclasses import dataclass
from typing import Any, Final, Unpack, cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk_saga.aws.acknowledged import (
    INLINE_POLICIES,
    LATEST_PYTHON,
    NO_DEAD_LETTERS_OF_ITS_OWN,
    WILDCARDS,
    acknowledge,
    acknowledge_controls,
)
from cdk_saga.aws.added_policy import added_policy
from cdk_saga.aws.bundle import Bundle
from cdk_saga.aws.bus import ISagaBus
from cdk_saga.aws.entry_check import EntryCheck
from cdk_saga.aws.given import expect, is_a, none_or, seconds
from cdk_saga.aws.keys import READ, WRITE, grant_key, grant_key_to_logs, through
from cdk_saga.aws.ledger import ILedger
from cdk_saga.aws.options import FunctionOptions
from cdk_saga.limits import FUNCTION_MEMORY, FUNCTION_TIME

MIN_MEMORY: Final = 128
"""MiB (AWS Lambda's least)."""
MEMORY: Final = f"give a whole number of MiB from {MIN_MEMORY} to {FUNCTION_MEMORY.most:,}"
WRITE_LOGS: Final = ("logs:CreateLogStream", "logs:PutLogEvents")
VPC: Final = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
"""What a function in a VPC needs (AWS Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon
VPC"). CDK leaves it to the caller that passes a role."""


def _is_memory(value: object) -> bool:
    return is_a(int)(value) and MIN_MEMORY <= cast(int, value) <= FUNCTION_MEMORY.most


@dataclass(frozen=True, kw_only=True)
class FunctionSettings:
    """What an environment decides about functions.

    Args:
        timeout: of one invocation, 1 to 900 seconds.
        memory_size: MiB, 128 to 10,240.
        log_retention: how long logs are kept.
        log_removal: what happens to logs when their group leaves the stack.
        metrics_namespace: of sagas' metrics, the same for a saga and its participants; by default that of the ledger,
            which is another one in each environment.

    Raises:
        WiringError: AWS Lambda has no such time-out or memory.
    """

    timeout: Duration = Duration.seconds(15)  # noqa: RUF009 # never changes
    memory_size: int = 256
    log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH
    log_removal: RemovalPolicy = RemovalPolicy.DESTROY
    metrics_namespace: str | None = None

    def __post_init__(self) -> None:
        seconds("FunctionSettings", "timeout", self.timeout, FUNCTION_TIME.most)
        expect("FunctionSettings", "memory_size", self.memory_size, _is_memory, MEMORY)
        retention = is_a(logs.RetentionDays)
        expect("FunctionSettings", "log_retention", self.log_retention, retention, "give one of logs.RetentionDays")
        expect("FunctionSettings", "log_removal", self.log_removal, is_a(RemovalPolicy), "give a RemovalPolicy")
        expect("FunctionSettings", "metrics_namespace", self.metrics_namespace, none_or(is_a(str)), "give a text")


DEFAULTS: Final = FunctionSettings()


class RuntimeFunction(lambda_.Function):
    """A function from a :class:`Bundle`. It may write its own logs, and nothing else.

    Args:
        service: the name it logs and measures under.
        handler: ``module.attribute`` in the bundle.
        bundle: its code; its Python decides the Lambda runtime.
        settings: time-out, memory and logs, where ``options`` say nothing else.
        encryption_key: a customer-managed key for its logs and variables; without one, keys that AWS owns.
        options: those of CDK's ``Function``, by its names: ``environment``, ``timeout``, ``vpc``, ``layers``,
            ``architecture``, ``reserved_concurrent_executions`` …

    Attributes:
        own_role: what it may do.
        timeout_seconds: its time-out.

    Raises:
        WiringError: a time-out or memory that AWS Lambda does not have.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        service: str,
        handler: str,
        bundle: Bundle,
        settings: FunctionSettings = DEFAULTS,
        encryption_key: kms.IKey | None = None,
        **options: Unpack[FunctionOptions],
    ) -> None:
        given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
        owner = type(self).__name__
        expect(owner, "bundle", bundle, is_a(Bundle), "give a Bundle, such as Bundle.runtime('services/booking')")
        expect(owner, "settings", settings, is_a(FunctionSettings), "give FunctionSettings")
        timeout: Duration = given.get("timeout", settings.timeout)
        self.timeout_seconds = seconds(owner, "timeout", timeout, FUNCTION_TIME.most)
        expect(owner, "memory_size", given.get("memory_size", settings.memory_size), _is_memory, MEMORY)
        grant_key_to_logs(encryption_key)
        # Not the managed policy AWSLambdaBasicExecutionRole: that one writes to every log group of the account.
        role: iam.IRole = given.get("role") or cast(iam.IRole, iam.Role(scope, f"{id}Role", assumed_by=_lambda()))
        needed: list[iam.PolicyStatement] = []
        own: dict[str, Any] = {"architecture": _arm(), "memory_size": settings.memory_size}
        if not given.keys() & {"log_group", "log_retention"}:
            group = own["log_group"] = _logs(scope, f"{id}Logs", settings, encryption_key)
            needed.append(iam.PolicyStatement(actions=[*WRITE_LOGS], resources=[group.log_group_arn]))
        if encryption_key:
            own["environment_encryption"] = encryption_key
            needed.append(through(encryption_key, "lambda", *READ))
        if "vpc" in given:
            needed.append(iam.PolicyStatement(actions=[*VPC], resources=["*"]))
            acknowledge(role, f"{WILDCARDS}[Resource::*]")
        if "role" in given:
            added_policy(scope, f"{id}.logs", roles=[role], statements=needed)
        else:
            for statement in needed:
                role.add_to_principal_policy(statement)
        known = {"POWERTOOLS_SERVICE_NAME": service}
        if settings.metrics_namespace:
            known["POWERTOOLS_METRICS_NAMESPACE"] = settings.metrics_namespace
        environment = {**known, **given.get("environment", {})}
        code: dict[str, Any] = {"runtime": bundle.python, "handler": handler, "code": bundle.code()}
        decided: dict[str, Any] = {"role": role, "timeout": timeout, "environment": environment}
        super().__init__(scope, id, **code, **{**own, **given, **decided})
        self.entry_check = EntryCheck(self, handler, bundle, layers="layers" in given)
        self.own_role = role
        acknowledge(self, LATEST_PYTHON)
        acknowledge_controls(self, NO_DEAD_LETTERS_OF_ITS_OWN)
        acknowledge_controls(role, INLINE_POLICIES)


class ParticipantFunction(RuntimeFunction):
    """A participant: carries out its steps' actions and compensations, in either style.

    Each saga that it takes part in grants it that saga's items of the ledger and that saga's events; its own table is
    granted by the stack that owns it.

    Args:
        ledger: known to the function as ``SAGA_LEDGER``.
        bus: known to the function as ``SAGA_BUS``.
        options: the others of :class:`RuntimeFunction`, and those of CDK's ``Function``.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        service: str,
        handler: str,
        bundle: Bundle,
        ledger: ILedger,
        bus: ISagaBus,
        settings: FunctionSettings = DEFAULTS,
        encryption_key: kms.IKey | None = None,
        **options: Unpack[FunctionOptions],
    ) -> None:
        measured = settings.metrics_namespace or ledger.metrics_namespace
        known = {"SAGA_LEDGER": ledger.name, "SAGA_BUS": bus.name, "POWERTOOLS_METRICS_NAMESPACE": measured}
        options["environment"] = {**known, **(options.get("environment") or {})}
        super().__init__(
            scope,
            id,
            service=service,
            handler=handler,
            bundle=bundle,
            settings=settings,
            encryption_key=encryption_key,
            **options,
        )


def _logs(scope: Construct, id: str, settings: FunctionSettings, key: kms.IKey | None) -> logs.LogGroup:
    return logs.LogGroup(
        scope, id, retention=settings.log_retention, removal_policy=settings.log_removal, encryption_key=key
    )


def add_failure_queue(function: lambda_.Function, queue: sqs.IQueue) -> None:
    """Keep asynchronous invocations that failed three times in ``queue``; the function may send there, too."""
    keep_failures(function, queue)
    queue.grant(function, "sqs:SendMessage")
    grant_key(queue.encryption_master_key, function, "sqs", *WRITE)


def keep_failures(function: lambda_.Function, queue: sqs.IQueue) -> None:
    """The same for a function whose role may send to ``queue`` already: AWS Lambda sends in its name."""
    # Not configure_async_invoke: that one also grants reading the queue's attributes, which is not needed.
    lambda_.CfnEventInvokeConfig(
        function,
        "Failures",
        function_name=function.function_name,
        qualifier="$LATEST",
        destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
            on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=queue.queue_arn)
        ),
    )


# What is the same for every function is made once: each of these is a call to jsii's Node process.


@functools.cache
def _arm() -> lambda_.Architecture:
    return lambda_.Architecture.ARM_64


@functools.cache
def _lambda() -> iam.IPrincipal:
    return cast(iam.IPrincipal, iam.ServicePrincipal("lambda.amazonaws.com"))
