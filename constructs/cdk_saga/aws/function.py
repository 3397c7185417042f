"""Lambda functions as sagas need them: a role and a log group of their own, and nothing they do not use."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NotRequired, TypedDict, Unpack, cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk_saga.aws.acknowledged import LATEST_PYTHON, acknowledge
from cdk_saga.aws.bundle import Bundle
from cdk_saga.aws.bus import SagaBus
from cdk_saga.aws.keys import READ, WRITE, grant_through, let_logs_encrypt
from cdk_saga.aws.ledger import Ledger
from cdk_saga.aws.wiring import WiringError
from cdk_saga.limits import FUNCTION_MEMORY, FUNCTION_TIME

METRICS_NAMESPACE: Final = "Saga"
"""Of the metrics of sagas that are told no other."""


@dataclass(frozen=True, kw_only=True)
class FunctionSettings:
    """What an environment decides about functions.

    Args:
        timeout: seconds one invocation may take, 1 to 900.
        memory_size: MiB, 128 to 10,240.
        log_retention: how long logs are kept.
        log_removal: what happens to logs when their group leaves the stack.
        metrics_namespace: of sagas' metrics; two environments in one account and Region need one each, a saga and its
            participants the same.

    Raises:
        WiringError: AWS Lambda has no such time-out or memory.
    """

    timeout: int = 15
    memory_size: int = 256
    log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH
    log_removal: RemovalPolicy = RemovalPolicy.DESTROY
    metrics_namespace: str = METRICS_NAMESPACE

    def __post_init__(self) -> None:
        ranges = (
            ("timeout", self.timeout, 1, FUNCTION_TIME.most),
            ("memory_size", self.memory_size, 128, FUNCTION_MEMORY.most),
        )
        for name, value, least, most in ranges:
            if not least <= value <= most:
                raise WiringError(f"FunctionSettings({name}={value!r}): use a whole number from {least} to {most:,}")


DEFAULTS: Final = FunctionSettings()


class FunctionProps(TypedDict):
    """Properties of :class:`RuntimeFunction`."""

    service: str
    handler: str
    bundle: Bundle
    environment: NotRequired[Mapping[str, str]]
    settings: NotRequired[FunctionSettings]
    encryption_key: NotRequired[kms.IKey | None]


class RuntimeFunction(lambda_.Function):
    """A function from a :class:`Bundle`. It may write its own logs, and nothing else.

    Args:
        service: the name it logs and measures under.
        handler: ``module.attribute`` in the bundle.
        bundle: its code; its Python decides the Lambda runtime.
        environment: its variables.
        settings: time-out, memory and logs.
        encryption_key: a customer-managed key for its logs and variables; without one, keys that AWS owns.

    Attributes:
        own_role: what it may do.
        timeout_seconds: its time-out.
    """

    def __init__(self, scope: Construct, id: str, **props: Unpack[FunctionProps]) -> None:
        settings, key = props.get("settings", DEFAULTS), props.get("encryption_key")
        let_logs_encrypt(key)
        log_group = logs.LogGroup(
            scope,
            f"{id}Logs",
            retention=settings.log_retention,
            removal_policy=settings.log_removal,
            encryption_key=key,
        )
        # Not the managed policy AWSLambdaBasicExecutionRole: that one writes to every log group of the account.
        role = iam.Role(scope, f"{id}Role", assumed_by=_lambda())
        log_group.grant_write(role)
        grant_through(key, role, "lambda", *READ)
        super().__init__(
            scope,
            id,
            runtime=props["bundle"].python,
            architecture=_arm(),
            handler=props["handler"],
            code=props["bundle"].code(),
            role=cast(iam.IRole, role),
            log_group=log_group,
            timeout=_seconds(settings.timeout),
            memory_size=settings.memory_size,
            environment_encryption=key,
            environment={
                "POWERTOOLS_SERVICE_NAME": props["service"],
                "POWERTOOLS_METRICS_NAMESPACE": settings.metrics_namespace,
                **props.get("environment", {}),
            },
        )
        self.own_role = role
        self.timeout_seconds = settings.timeout
        acknowledge(self, LATEST_PYTHON)


class ParticipantFunction(RuntimeFunction):
    """A participant: carries out its steps' actions and compensations, in either style.

    It may write the ledger and publish sagas' events; its own table is granted by whoever owns that.

    Args:
        ledger: known to the function as ``SAGA_LEDGER``.
        bus: known to the function as ``SAGA_BUS``.
        source: of the events it may publish; narrower when it serves one saga only.
        props: those of :class:`RuntimeFunction`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        ledger: Ledger,
        bus: SagaBus,
        source: str = "saga.*",
        **props: Unpack[FunctionProps],
    ) -> None:
        known = {"SAGA_LEDGER": ledger.name, "SAGA_BUS": bus.name}
        props["environment"] = {**known, **props.get("environment", {})}
        super().__init__(scope, id, **props)
        ledger.grant_write(self)
        bus.grant_publish(self, source=source)


def park_failures(function: lambda_.Function, queue: sqs.IQueue) -> None:
    """Keep asynchronous invocations that failed three times in ``queue``; the function may send there, too."""
    # Not configure_async_invoke: that one also lets the function read the queue's attributes, which nobody does.
    lambda_.CfnEventInvokeConfig(
        function,
        "Failures",
        function_name=function.function_name,
        qualifier="$LATEST",
        destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
            on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=queue.queue_arn)
        ),
    )
    queue.grant(function, "sqs:SendMessage")
    grant_through(queue.encryption_master_key, function, "sqs", *WRITE)


# What is the same for every function is made once: each of these is a call to jsii's Node process.
_seconds = functools.cache(Duration.seconds)


@functools.cache
def _arm() -> lambda_.Architecture:
    return lambda_.Architecture.ARM_64


@functools.cache
def _lambda() -> iam.IPrincipal:
    return cast(iam.IPrincipal, iam.ServicePrincipal("lambda.amazonaws.com"))
