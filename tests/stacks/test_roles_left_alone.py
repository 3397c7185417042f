"""Roles that are not to be changed get nothing attached; what they need is said at synth."""

from pathlib import Path
from typing import Any, cast

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Annotations, Match

from cdk_saga.aws import Bundle, ChoreographedSaga, Ledger, ParticipantFunction, SagaBus
from parts import STYLES, Style, deploy, function
from sagas import saga
from templates import Json, new_app, of_type

BOOKING = saga("flight")
ARN = "arn:aws:{}:eu-west-1:111111111111:{}"


def policies(stack: Stack) -> list[Json]:
    """The policies that are deployed."""
    template = cast(App, stack.node.root).synth().get_stack_by_name(stack.stack_name).template
    return [*of_type(template, "AWS::IAM::Policy").values(), *of_type(template, "AWS::IAM::ManagedPolicy").values()]


def needs(stack: Stack, role: str) -> str:
    """What is said that a role needs."""
    found = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("RoleNotChanged"))
    (text,) = [text for one in found if (text := str(one.entry.data)).startswith(f"role {role} is not to be changed")]
    return text


def immutable(stack: Stack) -> iam.IRole:
    return iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111111111111:role/x", mutable=False)


@pytest.mark.parametrize("style", STYLES)
def test_an_immutable_role_is_left_alone_and_what_it_needs_is_said(style: Style) -> None:
    stack = Stack(new_app(), "Stack")
    imported = lambda_.Function.from_function_attributes(
        stack, "F", function_arn=ARN.format("lambda", "function:f"), role=immutable(stack), same_environment=True
    )
    timeouts = {"flights": Duration.seconds(15)}
    deploy(stack, style, saga=BOOKING, participants={"flights": imported}, timeouts=timeouts)
    assert all("x" not in policy["Roles"] for policy in policies(stack))
    text = needs(stack, "Stack/Role")
    assert "dynamodb:UpdateItem" in text
    assert ("sqs:ReceiveMessage" in text) == (style is ChoreographedSaga)


@pytest.mark.parametrize("style", STYLES)
def test_roles_that_cdk_is_told_to_leave_alone_are_left_alone(style: Style) -> None:
    stack = Stack(new_app(), "Stack")
    names = {f"Stack/{one}": one.replace("/", "-") for one in ("flights/ServiceRole", "Saga/RecoveryRole")}
    iam.Role.customize_roles(stack, prevent_synthesis=True, use_precreated_roles=names)
    deploy(stack, style, saga=BOOKING)
    assert policies(stack) == []
    assert "dynamodb:UpdateItem" in needs(stack, "Stack/flights/ServiceRole")
    report = Path(cast(App, stack.node.root).outdir, "iam-policy-report.txt").read_text()
    assert "Saga-RecoveryRole" in report, "CDK's own report has what the other roles need"


def test_an_immutable_role_of_a_participant_is_told_what_the_function_needs(tmp_path: Path) -> None:
    (tmp_path / "svc").mkdir()
    (tmp_path / "svc" / "__init__.py").write_text("def handler(event, context): ...\n")
    stack = Stack(new_app(), "Stack")
    ledger, bus, bundle = Ledger(stack, "Ledger"), SagaBus(stack, "Bus"), Bundle.runtime(tmp_path / "svc")
    common: dict[str, Any] = {"service": "svc", "handler": "svc.handler", "bundle": bundle}
    ParticipantFunction(stack, "Svc", ledger=ledger, bus=bus, role=immutable(stack), **common)
    assert policies(stack) == []
    assert "logs:PutLogEvents" in needs(stack, "Stack/Role")


@pytest.mark.parametrize("style", STYLES)
def test_nothing_is_said_of_roles_that_are_changed(style: Style) -> None:
    stack = Stack(new_app(), "Stack")
    deploy(stack, style, saga=BOOKING, participants={"flights": function(stack, "Flights")})
    found = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("RoleNotChanged"))
    assert found == []
