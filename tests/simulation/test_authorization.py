"""Every request of every run is authorized by what the constructs attach: no permission too few, and none too many."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from cdk_saga import Saga, Step
from cdk_saga.render.permissions import permissions
from cdk_saga.testing import Run, Simulation, policies
from cdk_saga.testing.world import BUS, LEDGER, World
from saga_runtime import Command, Participant
from saga_runtime.recovery import Recovery
from simulation.authorized import Rule, rules, runs, without
from simulation.search import STYLES

RULES: Final = [(style, rule) for style in STYLES for rule in rules(style)]


@pytest.mark.parametrize("style", STYLES)
def test_nothing_is_denied(style: str) -> None:
    for run in runs(style):
        assert run().world.functions.denied == []


@pytest.mark.parametrize(("style", "rule"), RULES, ids=[f"{style} {' '.join(rule)}" for style, rule in RULES])
def test_each_permission_is_missed(style: str, rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "permissions", lambda plans, style: without(rule, permissions(plans, style)))
    assert any(is_denied(run) for run in runs(style)), f"nothing needs {rule}"


def is_denied(run: Callable[[], Run]) -> bool:
    try:
        return bool(run().world.functions.denied)
    except ClientError:  # the saga could not be started
        return True


def item(pk: str) -> dict[str, Any]:
    return {"TableName": LEDGER, "Item": {"pk": {"S": pk}, "sk": {"S": "META"}, "st": {"S": "COMPLETED"}}}


def event(source: str) -> dict[str, Any]:
    return {"EventBusName": BUS, "Source": source, "DetailType": "saga.completed", "Detail": "{}"}


VICTIM: Final = "SAGA#victim#s-1"
OWN: Final = "SAGA#mine#s-2"
MACHINE: Final = "arn:aws:states:us-east-1:123456789012:stateMachine:"
ATTACKS: Final[dict[str, Callable[[Any], object]]] = {
    "another saga's item": lambda aws: aws.dynamodb.put_item(**item(VICTIM)),
    "another saga's item beside its own": lambda aws: aws.dynamodb.transact_write_items(
        TransactItems=[{"Put": item(OWN)}, {"Put": item(VICTIM)}]
    ),
    "a condition on another saga's item": lambda aws: aws.dynamodb.transact_write_items(
        TransactItems=[
            {"Put": item(OWN)},
            {
                "ConditionCheck": {
                    "TableName": LEDGER,
                    "Key": {"pk": {"S": VICTIM}, "sk": {"S": "META"}},
                    "ConditionExpression": "attribute_exists(pk)",
                }
            },
        ]
    ),
    "another saga's state": lambda aws: aws.dynamodb.get_item(
        TableName=LEDGER, Key={"pk": {"S": VICTIM}, "sk": {"S": "META"}}
    ),
    "the whole ledger": lambda aws: aws.dynamodb.scan(TableName=LEDGER),
    "the index of all sagas": lambda aws: aws.dynamodb.query(
        TableName=LEDGER,
        IndexName="Sagas",
        KeyConditionExpression="#v = :v",
        ExpressionAttributeNames={"#v": "view"},
        ExpressionAttributeValues={":v": {"S": "victim#RUNNING#0"}},
    ),
    "another saga's event": lambda aws: aws.events.put_events(Entries=[event("saga.victim")]),
    "another saga's event beside its own": lambda aws: aws.events.put_events(
        Entries=[event("saga.mine"), event("saga.victim")]
    ),
    "a saga of its own": lambda aws: aws.states.start_execution(
        stateMachineArn=f"{MACHINE}mine:live", name="s-2", input="{}"
    ),
    "another saga": lambda aws: aws.states.start_execution(
        stateMachineArn=f"{MACHINE}victim:live", name="s-2", input="{}"
    ),
    "what executions hold": lambda aws: aws.states.describe_execution(
        executionArn=f"{MACHINE.replace('stateMachine', 'execution')}mine:s-1"
    ),
    "the dead letters": lambda aws: aws.sqs.send_message(
        QueueUrl="https://sqs.us-east-1.amazonaws.com/123456789012/dead", MessageBody="{}"
    ),
}
"""What a compromised participant of saga ``mine`` may try."""


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_compromised_participant_stays_in_its_own_saga(attack: Callable[[Any], object], style: Any) -> None:
    shop, answers = Participant("shop"), list[str]()

    @shop.external_action
    def sell(command: Command) -> None:
        del command
        try:
            attack(shop.services)
        except ClientError as error:
            answers.append(error.response.get("Error", {}).get("Code", ""))

    @sell.compensation
    def take_back(command: Command) -> None:
        del command

    step = Step("sale", participant="shop", action="sell", compensation="take_back")
    simulated = Simulation(
        saga=Saga("mine", [step]), participants={"shop": shop}, recovery=Recovery(), style=style, prepare=_nothing
    )
    run = simulated.run()
    assert answers == ["AccessDeniedException"]
    assert {key[0] for key in run.world.dynamodb.items(LEDGER)} == {"SAGA#mine#s-1"}
    assert {published.source for published in run.world.bus.events} == {"saga.mine"}


def _nothing(_world: World) -> None:
    """It has no table of its own."""
