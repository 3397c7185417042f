"""The options of CDK's own classes that these constructs hand on, by CDK's names. A test holds them to CDK's."""

from __future__ import annotations  # The types are for checkers only: importing them all costs each synth 0.1 s.

from typing import TYPE_CHECKING, Protocol, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from aws_cdk import Duration, RemovalPolicy, Size
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_codeguruprofiler as codeguruprofiler
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_events as events
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_logs as logs
    from aws_cdk import aws_sns as sns
    from aws_cdk import aws_sqs as sqs
    from constructs import Construct


class FunctionOptions(TypedDict, total=False):
    """Options of ``aws_lambda.Function``: all but the code, its handler and its runtime, which a bundle decides."""

    adot_instrumentation: lambda_.AdotInstrumentationConfig | dict[str, Any] | None
    allow_all_ipv6_outbound: bool | None
    allow_all_outbound: bool | None
    allow_public_subnet: bool | None
    application_log_level: str | None
    application_log_level_v2: lambda_.ApplicationLogLevel | None
    architecture: lambda_.Architecture | None
    code_signing_config: lambda_.ICodeSigningConfig | None
    current_version_options: lambda_.VersionOptions | dict[str, Any] | None
    dead_letter_queue: sqs.IQueue | None
    dead_letter_queue_enabled: bool | None
    dead_letter_topic: sns.ITopic | None
    description: str | None
    durable_config: lambda_.DurableConfig | dict[str, Any] | None
    environment: Mapping[str, str] | None
    environment_encryption: kms.IKey | None
    ephemeral_storage_size: Size | None
    events: Sequence[lambda_.IEventSource] | None
    filesystem: lambda_.FileSystem | None
    function_name: str | None
    initial_policy: Sequence[iam.PolicyStatement] | None
    insights_version: lambda_.LambdaInsightsVersion | None
    ipv6_allowed_for_dual_stack: bool | None
    layers: Sequence[lambda_.ILayerVersion] | None
    log_format: str | None
    log_group: logs.ILogGroup | None
    log_removal_policy: RemovalPolicy | None
    log_retention: logs.RetentionDays | None
    log_retention_retry_options: lambda_.LogRetentionRetryOptions | dict[str, Any] | None
    log_retention_role: iam.IRole | None
    logging_format: lambda_.LoggingFormat | None
    max_event_age: Duration | None
    memory_size: int | None
    on_failure: lambda_.IDestination | None
    on_success: lambda_.IDestination | None
    params_and_secrets: lambda_.ParamsAndSecretsLayerVersion | None
    profiling: bool | None
    profiling_group: codeguruprofiler.IProfilingGroup | None
    recursive_loop: lambda_.RecursiveLoop | None
    reserved_concurrent_executions: int | None
    retry_attempts: int | None
    role: iam.IRole | None
    runtime_management_mode: lambda_.RuntimeManagementMode | None
    security_groups: Sequence[ec2.ISecurityGroup] | None
    snap_start: lambda_.SnapStartConf | None
    system_log_level: str | None
    system_log_level_v2: lambda_.SystemLogLevel | None
    tenancy_config: lambda_.TenancyConfig | None
    timeout: Duration | None
    tracing: lambda_.Tracing | None
    vpc: ec2.IVpc | None
    vpc_subnets: ec2.SubnetSelection | dict[str, Any] | None


class MetricOptions(TypedDict, total=False):
    """``aws_cloudwatch.MetricOptions``."""

    account: str | None
    color: str | None
    dimensions_map: Mapping[str, str] | None
    id: str | None
    label: str | None
    period: Duration | None
    region: str | None
    stack_account: str | None
    stack_region: str | None
    statistic: str | None
    unit: cloudwatch.Unit | None
    visible: bool | None


class RuleTarget(Protocol):
    """A target of a rule. CDK's targets implement ``IRuleTarget``, but rename a parameter, which pyright refuses."""

    def bind(self, rule: events.IRule, id: str | None = None, /) -> events.RuleTargetConfig:
        """Describe the target to ``rule``."""
        ...


class OnEventOptions(TypedDict, total=False):
    """``aws_events.OnEventOptions``."""

    cross_stack_scope: Construct | None
    description: str | None
    event_pattern: events.EventPattern | None
    rule_name: str | None
    target: RuleTarget | None
