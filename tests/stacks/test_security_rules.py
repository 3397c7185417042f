"""cdk-nag's AwsSolutions rules: no finding, and no acknowledgement that is not listed here."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack, Validations
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_sqs as sqs
from cdk_nag import (
    AwsSolutionsChecks,
    HIPAASecurityChecks,
    NIST80053R4Checks,
    NIST80053R5Checks,
    PCIDSS321Checks,
)

from cdk_saga.aws import OrchestratedSaga
from cdk_saga.aws.acknowledged import REASONS
from cdk_saga.aws.options import FunctionOptions
from parts import STYLES, Style, deploy
from sagas import saga
from stacks.environments import DEV, LOCAL, PROD
from stacks.participants import WRITES
from stacks.stage import Example
from templates import new_app

FUNCTIONS = {"Recovery", "Messages", *map(str.title, WRITES), "Transfers", "Payments", "Notices"}
Pack = AwsSolutionsChecks | HIPAASecurityChecks | NIST80053R4Checks | NIST80053R5Checks | PCIDSS321Checks
LEFT_TO_THE_APP = {"LambdaConcurrency", "LambdaInsideVPC"}
"""Controls that an app meets by options of its functions, or acknowledges itself."""
ACKNOWLEDGED = {
    "L1": FUNCTIONS,
    "SQS3": {"Queue"},
    "IAM5": {"RecoveryRole", "StateMachine"},
    "SF1": {"StateMachine"},
    "SF2": {"StateMachine"},
    "LambdaDLQ": FUNCTIONS,
    "IAMNoInlinePolicy": {"Saga", *(f"{name}Role" for name in FUNCTIONS)},
}
"""Rule → the last part of the paths of all constructs that acknowledge it."""


def findings(app: App, pack: type[Pack] = AwsSolutionsChecks) -> list[str]:
    """What a pack of rules finds in an app."""
    Validations.of(app).add_plugins(pack(app))
    try:
        app.synth()
    except RuntimeError:
        report = json.loads((Path(app.outdir) / "validation-report.json").read_text(encoding="utf-8"))
        violations: list[dict[str, Any]] = [one for plugin in report["pluginReports"] for one in plugin["violations"]]
        return [f"{one['ruleName']} {at['constructPath']}" for one in violations for at in one["violatingConstructs"]]
    return []


def acknowledgements(app: App) -> Iterator[tuple[str, str, str]]:
    """Rule, construct and reason of everything that an app acknowledges."""
    for construct in app.node.find_all():
        for entry in construct.node.metadata:
            if entry.type == Validations.ACKNOWLEDGED_RULES_METADATA_KEY:
                for rule, reason in entry.data.items():
                    yield (
                        rule.partition("[")[0].rpartition("-")[2],
                        construct.node.path,
                        reason,
                    )


@pytest.fixture(scope="module")
def app() -> App:
    app = new_app()
    for environment in (LOCAL, DEV, PROD):
        Example(app, environment)
    return app


def test_there_are_no_findings(app: App) -> None:
    assert findings(app) == []


def test_nothing_else_is_acknowledged_and_each_says_why(app: App) -> None:
    found: dict[str, set[str]] = {}
    for rule, path, reason in acknowledgements(app):
        found.setdefault(rule, set()).add(path.rpartition("/")[2])
        assert reason in REASONS.values(), path
    assert found == ACKNOWLEDGED


@pytest.mark.parametrize("style", STYLES)
def test_a_stack_that_says_where_it_is_has_no_findings(style: Style) -> None:
    """An acknowledgement names a finding exactly, and a finding names account and Region where they are known."""
    app = new_app()
    stack = Stack(app, "Stack", env=Environment(account="111111111111", region="eu-west-1"))
    found = [one for one in findings_of(app, stack, style) if "flights" not in one]
    assert found == []


def findings_of(app: App, stack: Stack, style: Style) -> list[str]:
    """What is found of one saga, and of the smallest functions."""
    deploy(stack, style, saga=saga("flight"))
    return findings(app)


@pytest.mark.parametrize("pack", [HIPAASecurityChecks, NIST80053R4Checks, NIST80053R5Checks, PCIDSS321Checks])
def test_of_the_controls_of_a_standard_only_what_the_app_decides_is_found(pack: type[Pack]) -> None:
    app = new_app()
    Example(app, PROD)
    found = {one.split()[0].rpartition("-")[2] for one in findings(app, pack)}
    assert found <= LEFT_TO_THE_APP
    assert "LambdaInsideVPC" in found


def test_what_the_app_decides_it_decides_by_options() -> None:
    app = new_app()
    stack = Stack(app, "Stack")
    vpc = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-1", availability_zones=["a"], private_subnet_ids=["subnet-1"]
    )
    options = FunctionOptions(vpc=vpc, reserved_concurrent_executions=5)
    deploy(stack, OrchestratedSaga, saga=saga("flight"), recovery_options=options)
    found = [one for one in findings(app, HIPAASecurityChecks) if "Recovery" in one]
    assert [one for one in found if one.split()[0].rpartition("-")[2] in LEFT_TO_THE_APP] == []


def test_a_finding_would_be_found() -> None:
    app = new_app()
    sqs.Queue(Stack(app, "Open"), "Queue")
    assert "AwsSolutions-SQS4 Open/Queue/Resource" in findings(app)
