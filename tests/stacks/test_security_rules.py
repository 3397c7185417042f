"""cdk-nag's AwsSolutions rules: no finding, and no acknowledgement that is not listed here."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack, Validations
from aws_cdk import aws_sqs as sqs
from cdk_nag import AwsSolutionsChecks

from cdk_saga.aws.acknowledged import REASONS
from parts import STYLES, Style, deploy
from sagas import saga
from stacks.environments import DEV, LOCAL, PROD
from stacks.participants import WRITES
from stacks.stage import Example
from templates import new_app

ACKNOWLEDGED = {
    "L1": {"Relay", "Messages", *map(str.title, WRITES), "Transfers", "Payments", "Notices"},
    "SQS3": {"Queue"},
    "IAM5": {"RelayRole", "StateMachine"},
    "SF1": {"StateMachine"},
    "SF2": {"StateMachine"},
}
"""Rule of AwsSolutions → the last part of the paths of all constructs that acknowledge it."""


def findings(app: App) -> list[str]:
    """What AwsSolutions finds in an app."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
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
                        rule.removeprefix("AwsSolutions::AwsSolutions-").partition("[")[0],
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


def test_a_finding_would_be_found() -> None:
    app = new_app()
    sqs.Queue(Stack(app, "Open"), "Queue")
    assert "AwsSolutions-SQS4 Open/Queue/Resource" in findings(app)
