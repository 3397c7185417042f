"""A CDK app with one saga in both styles: ``app.py old``, then ``app.py both``, at last ``app.py new``.

The new version has lost ``pack``, gained ``thank``, and its ``send`` comes before ``weigh``.
"""

import sys
from dataclasses import replace
from pathlib import Path

from aws_cdk import App, CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb

from cdk_saga import Saga, Step
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


HELD = Step("hold", participant="toy", action="ask", compensation="undo", waits=3600)
OLD = Saga("parcel", [step("take"), HELD, step("pack"), step("weigh"), step("send")])
NEW = Saga("parcel", [step("take"), HELD, step("send"), step("weigh"), step("thank")])
SAGA, DRAINING = {"old": (OLD, []), "both": (NEW, [OLD]), "new": (NEW, [])}[sys.argv[1]]


def named(saga: Saga, style: str) -> Saga:
    """The saga under a name of its own, because there is one bus."""
    return replace(saga, name=f"{saga.name}-{style}")


stack = Stack(App(), "Versions")
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
for style in (OrchestratedSaga, ChoreographedSaga):
    style(
        stack,
        style.STYLE.title(),
        saga=named(SAGA, style.STYLE),
        draining=[named(old, style.STYLE) for old in DRAINING],
        participants={"toy": toy},
        ledger=ledger,
        bus=bus,
    )
CfnOutput(stack, "TableName", value=table.table_name)
CfnOutput(stack, "BusName", value=bus.event_bus.event_bus_name)
stack.node.root.synth()  # type: ignore[attr-defined]
