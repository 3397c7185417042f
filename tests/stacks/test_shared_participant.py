"""Many sagas share one participant: its role's policies stay within the quotas of IAM, and allow the same."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.assertions import Annotations, Match

from cdk_saga import Saga, Step
from cdk_saga.aws import ChoreographedSaga, Ledger, OrchestratedSaga, SagaBus
from cdk_saga.aws.role_policies import OWN_POLICY
from cdk_saga.limits import MANAGED_POLICIES, MANAGED_POLICY, ROLE_POLICIES
from parts import STYLES, Style, function
from templates import Json, new_app, of_type, readable

pytestmark = pytest.mark.long("two dozen sagas are synthesized, several times")

PLACE = Environment(account="111111111111", region="us-gov-west-1")
QUEUE = f"arn:aws-us-gov:sqs:us-gov-west-1:111111111111:{'q' * 80}"
KINDS = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")


def definition(number: int, steps: int = 3) -> Saga:
    common: dict[str, Any] = {"participant": "payments", "action": "charge", "compensation": "refund"}
    return Saga(f"customer-order-{number}", [Step(f"s{n}", **common) for n in range(steps)])


def app_of(style: Style, sagas: list[Saga], *, stacks: int) -> App:
    """An app whose sagas share a participant, and are in so many stacks."""
    app = new_app()
    base = Stack(app, "Base", env=PLACE)
    needs: dict[str, Any] = {"ledger": Ledger(base, "Ledger"), "bus": SagaBus(base, "Bus")}
    payments = function(base, "Payments")
    places = [Stack(app, f"Sagas{n}", env=PLACE) for n in range(stacks)]
    for n, saga in enumerate(sagas):
        style(places[n % stacks], f"Saga{n}", saga=saga, participants={"payments": payments}, **needs)
    return app


def policies(app: App, kind: str) -> Iterator[Json]:
    """The policies of the participant's role, of a kind."""
    for stack in app.synth().stacks:
        for policy in of_type(stack.template, kind).values():
            if "PaymentsServiceRole" in json.dumps(policy["Roles"]):
                yield policy


def length(policy: Json) -> int:
    """Characters of a policy on AWS, where names are as long as they can be."""
    text = json.dumps(deployed(policy["PolicyDocument"]), separators=(",", ":"))
    return len(text)


def deployed(value: Any) -> Any:
    if isinstance(value, list):
        return [deployed(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "Fn::GetAtt" in value or "Fn::ImportValue" in value:
        return QUEUE
    if "Fn::Join" in value:
        return "".join(map(str, map(deployed, value["Fn::Join"][1])))
    if "Ref" in value:
        return "x" * 40
    return {name: deployed(one) for name, one in value.items()}


@pytest.fixture(scope="module", params=STYLES)
def shared(request: pytest.FixtureRequest) -> tuple[Style, App]:
    """24 sagas, each in a stack of its own."""
    style: Style = request.param
    return style, app_of(style, [definition(n) for n in range(24)], stacks=24)


def test_the_policies_of_24_sagas_are_within_the_quotas_of_iam(shared: tuple[Style, App]) -> None:
    _, app = shared
    inline, managed = ([*map(length, policies(app, kind))] for kind in KINDS)
    assert sum(inline) + OWN_POLICY <= ROLE_POLICIES.most
    assert managed
    assert max(managed) <= MANAGED_POLICY.most


def test_each_of_24_sagas_may_use_its_own_items_events_and_queues(shared: tuple[Style, App]) -> None:
    style, app = shared
    allowed = [str(readable(policy["PolicyDocument"])) for kind in KINDS for policy in policies(app, kind)]
    for n in range(24):
        whole = [text for text in allowed if f"SAGA#customer-order-{n}#*" in text]
        assert len(whole) == 1, n
        assert f"saga.customer-order-{n}'" in whole[0]
        assert ("sqs:ReceiveMessage" in whole[0]) == (style is ChoreographedSaga)


def warnings(app: App) -> list[str]:
    stacks = [one for one in app.node.children if isinstance(one, Stack)]
    text = Match.string_like_regexp("managed policies of its sagas, the quota is 10: have it raised")
    return [one.id for stack in stacks for one in Annotations.from_stack(stack).find_warning("*", text)]


def test_each_managed_policy_beyond_the_quota_is_warned_about(shared: tuple[Style, App]) -> None:
    _, app = shared
    number = len([*policies(app, "AWS::IAM::ManagedPolicy")])
    assert len(warnings(app)) == number - MANAGED_POLICIES.most > 0


@pytest.mark.parametrize("style", STYLES)
def test_sagas_of_one_stack_share_managed_policies(style: Style) -> None:
    app = app_of(style, [definition(n) for n in range(24)], stacks=2)
    managed = [*map(length, policies(app, "AWS::IAM::ManagedPolicy"))]
    assert 0 < len(managed) <= MANAGED_POLICIES.most
    assert max(managed) <= MANAGED_POLICY.most
    assert warnings(app) == []


def test_a_participant_of_a_long_saga_has_the_policies_that_it_needs() -> None:
    app = app_of(ChoreographedSaga, [definition(0, steps=50)], stacks=1)
    assert [*policies(app, "AWS::IAM::Policy")] == []
    managed = [*policies(app, "AWS::IAM::ManagedPolicy")]
    assert max(map(length, managed)) <= MANAGED_POLICY.most
    statements = [one for policy in managed for one in policy["PolicyDocument"]["Statement"]]
    read = [queue for one in statements if "sqs:ReceiveMessage" in one["Action"] for queue in one["Resource"]]
    assert len({str(queue) for queue in read}) == 100


def test_an_event_source_waits_for_every_policy_that_lets_it_read() -> None:
    app = app_of(ChoreographedSaga, [definition(0, steps=50)], stacks=1)
    template = app.synth().get_stack_by_name("Sagas0").template
    names = {id for id, one in template["Resources"].items() if one["Type"] == "AWS::IAM::ManagedPolicy"}
    sources = [one for one in template["Resources"].values() if one["Type"] == "AWS::Lambda::EventSourceMapping"]
    waiting = [one for one in sources if names <= set(one.get("DependsOn", ()))]
    assert len(waiting) == 100


def test_a_role_with_few_sagas_has_no_managed_policy() -> None:
    for style in (OrchestratedSaga, ChoreographedSaga):
        assert [*policies(app_of(style, [definition(0)], stacks=1), "AWS::IAM::ManagedPolicy")] == []
