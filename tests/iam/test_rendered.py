"""The templates grant exactly what is rendered, which the simulator holds every run to."""

from collections.abc import Iterator
from typing import Any, Final, cast

import pytest
from aws_cdk import Stack
from aws_cdk import aws_kms as kms

from cdk_saga import Saga
from cdk_saga.aws import Ledger, OrchestratedSaga, SagaBus
from cdk_saga.plan import Plan, compile_saga
from cdk_saga.render.permissions import (
    BUS,
    DEAD_LETTERS,
    EVENTBRIDGE,
    EXECUTIONS,
    FAILED,
    KEY,
    LEDGER,
    LEDGER_KEY,
    MACHINE,
    RECOVERY,
    RULES,
    STARTER,
    STATE_MACHINE,
    Ref,
    Statement,
    function_of,
    permissions,
    queue_of,
    rule_of,
    via,
)
from iam.oracle import Account
from parts import STYLES, Style, function
from simulation.shapes import saga
from templates import id_of, of_type, readable, synthesized

SHAPES: Final = {
    "steps": ("TX", None),
    "a group first": ("(T|X)T", None),
    "a group last": ("T(T|X)", None),
    "a group alone": ("(X|T)", None),
    "a group with nothing to undo": ("T°(T°|X)T", None),
    "a group past the pivot": ("T!(T|T)", None),
    "a callback": ("TX?T", None),
    "callbacks in a group, and compensation continues": ("T(X?|T?)T~", None),
    "an earlier version with a callback and a group": ("TX", "T?X(T|X)"),
    "local effects": ("TT°", None),
    "external effects": ("XX", None),
}
"""What a definition can contain → the newest version, and an earlier one."""
STACK: Final = "Stack"
BY_SERVICES: Final = ("logs:",)
"""What AWS Lambda and Step Functions do in a role's name that no saga asks for."""
Granted = set[tuple[str, str, frozenset[tuple[str, str, tuple[str, ...]]]]]


class Deployed:
    """A saga's template, and what the rendered permissions call its resources."""

    def __init__(self, style: Style, newest: Saga, earlier: tuple[Saga, ...]) -> None:
        self.plans = [compile_saga(one) for one in (newest, *earlier)]
        self.rendered = permissions(self.plans, style.style)
        self.participants = list(dict.fromkeys(name for one in (newest, *earlier) for name in one.participants))

        def build(stack: Stack) -> None:
            key = cast(kms.IKey, kms.Key(stack, "Key"))
            deployed = style(
                stack,
                "Saga",
                saga=newest,
                previous_versions=earlier,
                participants={name: function(stack, name) for name in self.participants},
                ledger=Ledger(stack, "Ledger", encryption_key=key),
                bus=SagaBus(stack, "Bus"),
                encryption_key=key,
            )
            deployed.grant_start(function(stack, "Starter"))

        self.template = synthesized(build)
        self.account = Account({STACK: self.template})
        self.names = dict(self._names(style))

    def role(self, name: str) -> str:
        """What the account calls a role."""
        ids = {RECOVERY: "^SagaRecoveryRole", MACHINE: "^SagaStateMachineRole", STARTER: "^StarterServiceRole"}
        return self.account.named(STACK, "AWS::IAM::Role", ids.get(name, f"^{name}ServiceRole"))

    def granted(self, name: str) -> Granted:
        """What the template grants a role for the saga."""
        return {
            (grant.action, grant.resource, frozenset(grant.conditions))
            for grant in self.account.grants
            if grant.role == self.role(name)
            and not grant.action.startswith(BY_SERVICES)
            and not any("lambda." in value for _, _, values in grant.conditions for value in values)
            and not (name == MACHINE and grant.action.startswith("kms:"))
        }

    def expected(self, name: str) -> Granted:
        """What is rendered for it."""
        return {
            (action, on.text(self.names), self._conditions(one))
            for one in self.rendered[name]
            for action in one.actions
            for on in one.on
        }

    def senders(self) -> dict[str, set[str]]:
        """Queue → the rules that EventBridge may send to it from, by the queues' policies."""
        found: dict[str, set[str]] = {}
        for policy in of_type(self.template, "AWS::SQS::QueuePolicy").values():
            for statement in readable(policy)["PolicyDocument"]["Statement"]:
                if statement["Effect"] == "Allow":
                    assert statement["Principal"] == {"Service": EVENTBRIDGE}
                    assert statement["Action"] == "sqs:SendMessage"
                    source: Any = statement["Condition"]["ArnLike"]["aws:SourceArn"]
                    sources: list[str] = source if isinstance(source, list) else [source]
                    found[_mark(statement["Resource"])] = set(map(_mark, sources))
        return found

    def expected_senders(self) -> dict[str, set[str]]:
        """The same as rendered."""
        sends = [one for one in self.rendered.get(EVENTBRIDGE, ()) if not one.needs_key]
        sources = {one.on[0].text(self.names): self._conditions(one) for one in sends}
        return {queue: {arn for _, _, arns in conditions for arn in arns} for queue, conditions in sources.items()}

    def _conditions(self, one: Statement) -> frozenset[tuple[str, str, tuple[str, ...]]]:
        def text(value: str | Ref) -> str:
            return value.text(self.names) if isinstance(value, Ref) else value

        return frozenset((operator, key, tuple(map(text, values))) for operator, key, values in one.conditions)

    def _names(self, style: Style) -> Iterator[tuple[str, str]]:
        place = f"<{STACK}/AWS::Region>:<{STACK}/AWS::AccountId>"
        yield LEDGER, self._arn("AWS::DynamoDB::GlobalTable", "Ledger")
        yield BUS, self._arn("AWS::Events::EventBus", "Bus")
        yield DEAD_LETTERS, self._arn("AWS::SQS::Queue", "SagaDead")
        yield KEY, self._arn("AWS::KMS::Key", "Key")
        yield LEDGER_KEY, self._arn("AWS::KMS::Key", "Key")
        yield from ((via(service), f"{service}.<{STACK}/AWS::Region>") for service in ("dynamodb", "sqs", "states"))
        yield from ((function_of(name), self._arn("AWS::Lambda::Function", name)) for name in self.participants)
        if style is OrchestratedSaga:
            machine = self._arn("AWS::StepFunctions::StateMachine", "", attribute="")
            yield STATE_MACHINE, machine
            yield EXECUTIONS, f"arn:<{STACK}/AWS::Partition>:states:{place}:execution:{machine[:-1]}.Name>"
        else:
            bus = f"<{STACK}/{id_of(self.template, 'AWS::Events::EventBus', 'Bus')}>"
            yield RULES, f"arn:<{STACK}/AWS::Partition>:events:{place}:rule/{bus}"
            yield FAILED, self._arn("AWS::SQS::Queue", "SagaFailed")
            for plan in self.plans:
                yield from self._tasks(plan)

    def _tasks(self, plan: Plan) -> Iterator[tuple[str, str]]:
        for step, operation in (task.id for task in plan.tasks):
            task = f"Saga{step}{operation}"
            yield queue_of(step, operation), self._arn("AWS::SQS::Queue", f"{task}Queue")
            rule = "Rule[0-9A-F]{8}$" if plan is self.plans[0] else f"Rule{plan.version}"
            yield rule_of(step, operation, plan.version), self._arn("AWS::Events::Rule", f"{task}{rule}")

    def _arn(self, kind: str, beginning: str, attribute: str = ".Arn") -> str:
        return f"{self.account.named(STACK, kind, f'^{beginning}')[:-1]}{attribute}>"


def _mark(text: str) -> str:
    """An ARN of a template, as the account says it."""
    return text.replace("${", f"<{STACK}/").replace("}", ">")


@pytest.mark.parametrize("shapes", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("style", STYLES)
def test_each_role_is_granted_what_is_rendered(style: Style, shapes: tuple[str, str | None]) -> None:
    newest, earlier = shapes
    deployed = Deployed(style, saga(newest), (saga(earlier),) if earlier else ())
    for role in deployed.rendered:
        if role != EVENTBRIDGE:
            assert deployed.granted(role) == deployed.expected(role), role
    if EVENTBRIDGE in deployed.rendered:
        assert deployed.senders() == deployed.expected_senders()


def test_a_key_lets_rules_of_the_account_send() -> None:
    deployed = Deployed(STYLES[1], saga("TX"), ())
    (rendered,) = [one for one in deployed.rendered[EVENTBRIDGE] if one.needs_key]
    (key,) = of_type(deployed.template, "AWS::KMS::Key").values()
    statements: list[Any] = readable(key)["KeyPolicy"]["Statement"]
    assert [list(rendered.actions)] == [
        one["Action"]
        for one in statements
        if "rule/*" in str(one.get("Condition", {})) and one["Principal"] == {"Service": EVENTBRIDGE}
    ]
