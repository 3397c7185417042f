"""A CDK app with sagas of groups in both styles: in the middle, and as the whole saga."""

from dataclasses import replace
from pathlib import Path

from aws_cdk import App, CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb

from cdk_saga import Saga, Step, Together
from cdk_saga.aws import (
    Bundle,
    ChoreographedSaga,
    FunctionSettings,
    Ledger,
    OrchestratedSaga,
    ParticipantFunction,
    SagaBus,
)


def step(name: str) -> Step:
    """A step of the toy participant."""
    return Step(name, participant="toy", action="act", compensation="undo")


GROUP = Together("both", step("b"), [step("c"), step("d")])
SAGAS = (Saga("middle", [step("a"), GROUP, step("e")]), Saga("whole", [GROUP]))

stack = Stack(App(), "Groups")
ledger = Ledger(stack, "Ledger", removal_policy=RemovalPolicy.DESTROY, deletion_protection=False)
bus = SagaBus(stack, "Bus")
table = dynamodb.TableV2(
    stack, "Table", partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING)
)
toy = ParticipantFunction(
    stack,
    "Toy",
    service="toy",
    handler="toy.handler",
    bundle=Bundle.runtime(Path(__file__).parent / "toy"),
    ledger=ledger,
    bus=bus,
    environment={"TABLE": table.table_name},
    settings=FunctionSettings(timeout=5),
)
table.grant(toy, "dynamodb:PutItem", "dynamodb:DeleteItem")
for saga in SAGAS:
    for style in (OrchestratedSaga, ChoreographedSaga):
        named = replace(saga, name=f"{saga.name}-{style.STYLE}")
        style(stack, named.name, saga=named, participants={"toy": toy}, ledger=ledger, bus=bus)
CfnOutput(stack, "TableName", value=table.table_name)
CfnOutput(stack, "LedgerName", value=ledger.table.table_name)
stack.node.root.synth()  # type: ignore[attr-defined]
