"""What differs from one environment to the next, and nothing else."""

from dataclasses import dataclass
from typing import Final

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn

from cdk_saga import Retry
from cdk_saga.aws import FunctionSettings


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One environment.

    Args:
        name: of its CDK stage, and the first part of its stacks' names.
        provider_url: of the external providers, ``{}`` standing for the participant that asks; the context value
            ``provider_url`` goes first.
        provider_timeout: seconds a provider gets to answer; well below the functions' own time-out.
        approved_at_once: cents that a business trip may cost without an approval.
        functions: time-out, memory and logs.
        retry: of every action and compensation, instead of the definitions' own; ``None`` keeps those.
        removal_policy: what happens to data when its table or key leaves a stack.
        protected: whether AWS refuses to delete tables, and whether they can be restored to any second.
        execution_logs: what Step Functions logs.
        alarms_to: the e-mail address alarms go to; the context value ``alarms_to`` goes first.
        customer_key: whether a key of this account encrypts everything at rest, for $1 a month and its requests.
        bus_policy: whether the bus has a policy; the local emulator knows none.
    """

    name: str
    provider_url: str
    provider_timeout: int = 10
    approved_at_once: int = 50_000
    functions: FunctionSettings
    retry: Retry | None = None
    removal_policy: RemovalPolicy = RemovalPolicy.DESTROY
    protected: bool = False
    execution_logs: sfn.LogLevel = sfn.LogLevel.ERROR
    alarms_to: str | None = None
    customer_key: bool = False
    bus_policy: bool = True

    @property
    def tables_removal(self) -> RemovalPolicy:
        """That of tables: CloudFormation cannot delete a protected one, not even of a deployment that failed."""
        return RemovalPolicy.RETAIN if self.protected else self.removal_policy


SMALL: Final = FunctionSettings(log_retention=logs.RetentionDays.ONE_WEEK)

LOCAL: Final = Environment(
    name="local",
    provider_url="http://127.0.0.1:8081",
    provider_timeout=1,
    # A crashed delivery stays hidden for six time-outs: short ones keep failures watchable.
    functions=FunctionSettings(timeout=Duration.seconds(3)),
    # So do few attempts: what keeps failing is stuck within a minute.
    retry=Retry(max_attempts=2),
    bus_policy=False,
)
DEV: Final = Environment(
    name="dev",
    provider_url="https://sandbox.{}.example.com",
    functions=SMALL,
    execution_logs=sfn.LogLevel.ALL,
)
STG: Final = Environment(
    name="stg",
    provider_url="https://sandbox.{}.example.com",
    functions=FunctionSettings(memory_size=512),
    alarms_to="sagas-staging@example.com",
)
PROD: Final = Environment(
    name="prod",
    provider_url="https://{}.example.com",
    removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    protected=True,
    functions=FunctionSettings(
        memory_size=512,
        log_retention=logs.RetentionDays.SIX_MONTHS,
        log_removal=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    ),
    alarms_to="sagas-oncall@example.com",
    customer_key=True,
)
ENVIRONMENTS: Final = (LOCAL, DEV, STG, PROD)
