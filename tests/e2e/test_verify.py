"""`make verify` against the local AWS, where that has the calls: rules and permissions, of all sagas."""

import json

import pytest

from demo.deployment import WAITS, Deployment
from verify import permissions, rules
from verify.account import Account, NotDeployedError
from verify.sagas import DeployedSaga, deployed_sagas


@pytest.fixture(scope="module")
def account(deployment: Deployment) -> Account:
    return Account("local", deployment.client)


@pytest.fixture(scope="module")
def sagas(account: Account) -> list[DeployedSaga]:
    return deployed_sagas(account, waits=WAITS)


def test_what_is_deployed_is_what_is_checked_out(sagas: list[DeployedSaga]) -> None:
    assert [told for saga in sagas for told in saga.differences()] == []


def test_the_rules_match_what_the_plan_says(account: Account, sagas: list[DeployedSaga]) -> None:
    assert [told for saga in sagas if saga.style == "choreographed" for told in rules.differences(account, saga)] == []


def test_a_rule_that_matches_something_else_is_found(account: Account, sagas: list[DeployedSaga]) -> None:
    saga = next(saga for saga in sagas if saga.stack == "TripChoreographed")
    events, bus = account.client("events"), saga.target["where"]
    name = account.one(saga.stack, "AWS::Events::Rule", "(?i)hotelaction").rpartition("|")[2]
    right = events.describe_rule(Name=name, EventBusName=bus)["EventPattern"]
    wrong = json.dumps({**json.loads(right), "detail-type": ["hotel.rejected"]})
    try:
        events.put_rule(Name=name, EventBusName=bus, EventPattern=wrong)
        told = list(rules.differences(account, saga))
    finally:
        events.put_rule(Name=name, EventBusName=bus, EventPattern=right)
    assert len(told) == 2
    assert any("flight.succeeded does not lead to hotel.action; by the plan it does" in one for one in told)
    assert any("hotel.rejected leads to hotel.action; by the plan it does not" in one for one in told)


def test_every_recorded_call_is_allowed(account: Account, sagas: list[DeployedSaga]) -> None:
    assert list(permissions.differences(account, sagas)) == []


def test_a_stack_that_is_not_there_is_said(account: Account) -> None:
    with pytest.raises(NotDeployedError, match="0 resources of type AWS::SQS::Queue"):
        account.one("State", "AWS::SQS::Queue", "any")
