"""Every call of the example is allowed by the templates' policies, and nothing is allowed that nobody calls."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import pytest

from iam.calls import SAGAS, Call, recorded
from iam.oracle import Account, Grant
from stacks.environments import PROD
from stacks.stage import Example
from templates import new_app

STYLES: Final = ("orchestrated", "choreographed")
BY_AWS: Final[Mapping[str, tuple[str, ...]]] = {
    r"Role": ("logs:CreateLogStream", "logs:PutLogEvents"),
    r"RecoveryRole|(Approvals|Flights|Hotels|Warehouse|Shipping|Transfers|Payments|Notices)Role": (
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
    ),
    r"(Messages|Recovery)Role": ("sqs:SendMessage",),
    r"StateMachineRole": (
        "lambda:InvokeFunction",
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
    ),
}
"""Role → what AWS Lambda and Step Functions do in its name: logs, polling queues, failed invocations, tasks."""
ELSEWHERE: Final = {
    ("MessagesRole", "dynamodb:PutItem", ".Arn>"),
    ("PaymentsRole", "dynamodb:PutItem", ".Arn>"),
}
"""Role, action, the resource's end: messages to customers, which no saga's function writes; a definition does not say
that its first effect is an external one, for which the ledger's item is updated."""


@pytest.fixture(scope="module")
def account() -> Account:
    app = new_app()
    return Account({stack.stack_name: stack.template for stack in Example(app, PROD).synth().stacks})


@pytest.fixture(scope="module")
def calls() -> dict[str, set[tuple[str, Call]]]:
    return {style: recorded(style) for style in STYLES}


class Names:
    """What the simulated resources of a saga are called in the templates."""

    def __init__(self, account: Account, saga: str, style: str) -> None:
        self.account = account
        self.stack = f"prod-{saga.title().replace('-', '')}{style.title()}"

    def role(self, function: str) -> str:
        """The role of a function."""
        stack = self.stack if function == "recovery" else "prod-Participants"
        return self.account.named(stack, "AWS::IAM::Role", f"^(Saga)?{function.title()}Role")

    def arn(self, call: Call) -> str:
        """The ARN of what a call is on."""
        match call.action.partition(":")[0]:
            case "dynamodb":
                table, *index = call.resource.split("/", 1)
                containing = "^LedgerTable" if table == "ledger" else f"^{table.title()}"
                return "/".join([self._named("prod-State", "AWS::DynamoDB::GlobalTable", containing, ".Arn"), *index])
            case "events":
                return self._named("prod-State", "AWS::Events::EventBus", "Bus", ".Arn")
            case "sqs":
                containing = f"Saga{call.resource.title().replace('-', '')}(Queue)?[0-9A-F]{{8}}$"
                return self._named(self.stack, "AWS::SQS::Queue", f"(?i)^{containing}", ".Arn")
            case _:
                return self._of_machine(call.resource)

    def _of_machine(self, arn: str) -> str:
        machine = self._named(self.stack, "AWS::StepFunctions::StateMachine", "")
        kind, _, execution = arn.split(":", 5)[5].split(":", 2) if ":execution:" in arn else ("stateMachine", "", "")
        region = f"arn:<{self.stack}/AWS::Partition>:states:<{self.stack}/AWS::Region>:<{self.stack}/AWS::AccountId>"
        return machine if kind == "stateMachine" else f"{region}:execution:{machine[:-1]}.Name>:{execution}"

    def _named(self, stack: str, kind: str, containing: str, attribute: str = "") -> str:
        name = self.account.named(stack, kind, containing)
        return f"{name[:-1]}{attribute}>"


@pytest.mark.long("a search of many runs")
def test_every_call_is_allowed_and_no_grant_is_unused(
    account: Account, calls: dict[str, set[tuple[str, Call]]]
) -> None:
    used: set[Grant] = set()
    denied: list[str] = []
    for style in STYLES:
        for saga, call in calls[style]:
            names = Names(account, saga, style)
            allowing = account.allowing(names.role(call.function), call.action, names.arn(call), dict(call.context))
            denied += [] if allowing else [f"{style} {saga}: {call} on {names.arn(call)}"]
            used |= allowing
    assert denied == []
    # What may be done with a key follows from the rest: tests/stacks/test_encryption.py.
    granted = {grant for grant in account.grants if not grant.action.startswith("kms:")}
    unused = granted - used - set(_by_others(account))
    assert not unused, "\n".join(sorted(map(str, unused)))


def _by_others(account: Account) -> Iterator[Grant]:
    for grant in account.grants:
        of_aws = any(re.search(role, grant.role) and grant.action in actions for role, actions in BY_AWS.items())
        elsewhere = any(
            role in grant.role and grant.action == action and grant.resource.endswith(end)
            for role, action, end in ELSEWHERE
        )
        if of_aws or elsewhere:
            yield grant


def test_another_sagas_events_are_denied(account: Account) -> None:
    for saga, _ in SAGAS:
        names = Names(account, saga.name, "choreographed")
        call = Call("recovery", "events:PutEvents", "sagas", (("events:source", ("saga.another",)),))
        assert not account.allowing(names.role("recovery"), call.action, names.arn(call), dict(call.context))


def test_what_is_not_granted_is_denied(account: Account) -> None:
    names = Names(account, "trip", "orchestrated")
    for function, action, resource in (
        ("flights", "dynamodb:PutItem", "hotels"),
        ("flights", "dynamodb:DeleteItem", "ledger"),
        ("flights", "dynamodb:Query", "ledger"),
        ("recovery", "dynamodb:PutItem", "flights"),
        ("transfers", "dynamodb:PutItem", "messages"),
    ):
        assert not account.allowing(names.role(function), action, names.arn(Call(function, action, resource)), {})
