"""Constructs take CDK's own options by CDK's names; a name that is unknown is a ``TypeError`` and drops nothing."""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast, is_typeddict

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_events_targets import SqsQueue
from constructs import Construct

import cdk_saga
import cdk_saga.aws
import cdk_saga.cost
import cdk_saga.plan
import cdk_saga.render
import cdk_saga.testing
from cdk_saga.aws import Bundle, Ledger, OrchestratedSaga, ParticipantFunction, SagaBus, WiringError
from cdk_saga.aws.options import FunctionOptions, MetricOptions, OnEventOptions
from parts import STYLES, Style, deploy, deployed
from templates import Json, id_of, new_app, of_type, only, readable, synthesized

PUBLIC = (cdk_saga, cdk_saga.aws, cdk_saga.cost, cdk_saga.plan, cdk_saga.render, cdk_saga.testing)
HANDED_ON = ("RuntimeFunction", "ParticipantFunction", "on_", "metric_")
"""What hands options on to CDK, which refuses a name that it does not know: called below."""


def names(of: type) -> set[str]:
    """The options of a class of CDK's."""
    return set(inspect.signature(of.__init__).parameters) - {"self"}


@pytest.mark.parametrize(
    ("ours", "cdks"),
    [
        (FunctionOptions, lambda_.FunctionOptions),
        (MetricOptions, cloudwatch.MetricOptions),
        (OnEventOptions, events.OnEventOptions),
    ],
    ids=lambda one: one.__name__,
)
def test_the_options_are_all_that_cdk_has(ours: type, cdks: type) -> None:
    assert set(ours.__annotations__) == names(cdks)


@pytest.fixture
def package(tmp_path: Path) -> Bundle:
    folder = tmp_path / "svc"
    folder.mkdir()
    (folder / "__init__.py").write_text("from saga_runtime import Participant\nhandler = Participant('svc')\n")
    return Bundle.runtime(folder)


def function(bundled: Bundle, **options: Any) -> Json:
    """The template of a participant with ``options``."""

    def build(stack: Stack) -> None:
        given = {name: value(stack) if callable(value) else value for name, value in options.items()}
        ledger, bus = Ledger(stack, "Ledger"), SagaBus(stack, "Bus")
        common: dict[str, Any] = {"service": "svc", "handler": "svc.handler", "bundle": bundled, **given}
        made = ParticipantFunction(stack, "Participant", ledger=ledger, bus=bus, **common)
        assert made.timeout_seconds == (60 if "timeout" in given else 15)

    return synthesized(build)


def in_a_vpc(stack: Stack) -> ec2.IVpc:
    """A network that is there already."""
    return ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-1", availability_zones=["a"], private_subnet_ids=["subnet-1"]
    )


def test_a_participant_takes_the_options_of_a_lambda_function(package: Bundle) -> None:
    template = function(
        package,
        timeout=Duration.seconds(60),
        memory_size=1024,
        vpc=in_a_vpc,
        reserved_concurrent_executions=5,
        tracing=lambda_.Tracing.ACTIVE,
        architecture=lambda_.Architecture.X86_64,
        environment={"TABLE": "t"},
    )
    made = only(template, "AWS::Lambda::Function")
    assert (made["Timeout"], made["MemorySize"], made["ReservedConcurrentExecutions"]) == (60, 1024, 5)
    assert (made["TracingConfig"], made["Architectures"]) == ({"Mode": "Active"}, ["x86_64"])
    assert made["VpcConfig"]["SubnetIds"] == ["subnet-1"]
    assert {"TABLE", "SAGA_LEDGER", "SAGA_BUS"} < set(made["Environment"]["Variables"])


def test_a_function_in_a_vpc_may_make_network_interfaces(package: Bundle) -> None:
    policy = only(function(package, vpc=in_a_vpc), "AWS::IAM::Policy", "ParticipantRole")
    allowed = {action for statement in policy["PolicyDocument"]["Statement"] for action in listed(statement["Action"])}
    assert "ec2:CreateNetworkInterface" in allowed


def listed(value: Any) -> list[str]:
    """One action or several."""
    return value if isinstance(value, list) else [value]


def test_a_role_of_the_users_own_is_used_and_may_write_the_functions_logs(package: Bundle) -> None:
    def own(stack: Stack) -> iam.Role:
        lambdas = cast(iam.IPrincipal, iam.ServicePrincipal("lambda.amazonaws.com"))
        return iam.Role(stack, "Own", assumed_by=lambdas)

    template = function(package, role=own)
    role = id_of(template, "AWS::IAM::Role", "")
    assert readable(only(template, "AWS::Lambda::Function")["Role"]) == f"${{{role}.Arn}}"
    (policy,) = of_type(template, "AWS::IAM::Policy").values()
    assert policy["Roles"] == [{"Ref": role}]
    assert "logs:PutLogEvents" in str(policy)


def test_a_misspelled_option_of_a_function_is_a_type_error(package: Bundle) -> None:
    with pytest.raises(TypeError, match="enviroment"):
        function(package, enviroment={"TABLE": "t"})


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"timeout": 30}, r"ParticipantFunction\(timeout=30\): give a Duration, such as Duration.seconds\(30\)"),
        ({"timeout": Duration.minutes(16)}, r"timeout=960 seconds\): use whole seconds from 1 to 900"),
        ({"memory_size": 64}, r"ParticipantFunction\(memory_size=64\): give a whole number of MiB from 128"),
        ({"bundle": "svc"}, r"ParticipantFunction\(bundle='svc'\): give a Bundle, such as Bundle.runtime"),
    ],
    ids=lambda one: next(iter(one)) if isinstance(one, dict) else None,
)
def test_a_wrong_value_is_refused_with_the_cure(package: Bundle, wrong: dict[str, Any], text: str) -> None:
    with pytest.raises(WiringError, match=text):
        function(package, **wrong)


@pytest.mark.parametrize("style", STYLES)
def test_rules_on_endings_take_cdks_options(style: Style) -> None:
    def then(saga: Any, stack: Stack) -> None:
        large = events.EventPattern(detail={"input": {"total": [{"numeric": [">", 1000]}]}})
        target = SqsQueue(cast(sqs.IQueue, sqs.Queue(stack, "Q")))
        saga.on_completed("Large", rule_name="large", event_pattern=large, target=target)

    rule = only(deployed(style, then), "AWS::Events::Rule", "Large")
    assert rule["Name"] == "large"
    assert rule["EventPattern"] == {
        "source": ["saga.trip"],
        "detail-type": ["saga.completed"],
        "detail": {"input": {"total": [{"numeric": [">", 1000]}]}},
    }
    assert len(rule["Targets"]) == 1


def test_metrics_take_cdks_options() -> None:
    saga = deploy(Stack(new_app(), "Stack"), OrchestratedSaga)
    metric = saga.metric_stuck(color="#ff0000", unit=cloudwatch.Unit.COUNT, period=Duration.minutes(1))
    assert (metric.color, metric.unit, metric.statistic) == ("#ff0000", cloudwatch.Unit.COUNT, "Sum")
    assert metric.dimensions == {"saga": "trip"}


def callables() -> Iterator[tuple[str, Callable[..., object]]]:
    """Every public callable of cdk_saga: functions, classes, their methods."""
    for module in PUBLIC:
        for name in module.__all__:
            found = getattr(module, name)
            if is_typeddict(found):
                continue
            if inspect.isfunction(found) or (inspect.isclass(found) and not issubclass(found, BaseException)):
                yield f"{module.__name__}.{name}", found
            if inspect.isclass(found):
                for method, inner in inspect.getmembers(found, inspect.isroutine):
                    if not method.startswith("_") and str(getattr(inner, "__module__", "")).startswith("cdk_saga"):
                        yield f"{module.__name__}.{name}.{method}", inner


def takes_any_name(called: Any) -> bool:
    """Whether its signature lets every keyword through."""
    try:
        # Not the signature of a construct's class: its metaclass hands everything on to __init__.
        is_construct = inspect.isclass(called) and issubclass(called, Construct)
        inspect.signature(called.__init__ if is_construct else called).bind_partial(no_such_keyword=None)
    except TypeError:
        return False
    return True


def test_no_public_callable_takes_a_keyword_that_it_does_not_name() -> None:
    found = dict(callables())
    assert len(found) > 50
    open_ended = {name.rpartition(".")[2] for name, called in found.items() if takes_any_name(called)}
    assert [name for name in open_ended if not name.startswith(HANDED_ON)] == []


@pytest.mark.parametrize("style", STYLES)
def test_a_misspelled_keyword_is_a_type_error_wherever_options_are_handed_on(style: Style) -> None:
    stack = Stack(new_app(), "Stack")
    saga: Any = deploy(stack, style)
    for id, call in enumerate((saga.on_completed, saga.on_compensated, saga.on_stuck)):
        with pytest.raises(TypeError, match="rulename"):
            call(str(id), rulename="x")
    for call in (value for name, value in inspect.getmembers(saga) if name.startswith("metric_")):
        with pytest.raises(TypeError, match="colour"):
            call(colour="#ff0000")
