"""What apps deployed by tests have in common: a participant for any step, whose effects are rows of one table."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from aws_cdk import App, CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from cdk_saga import Step
from cdk_saga.aws import Bundle, FunctionSettings, Ledger, ParticipantFunction, SagaBus

TESTS: Final = Path(__file__).parent


def step(name: str) -> Step:
    """A step of the toy participant."""
    return Step(name, participant="toy", action="act", compensation="undo")


def app(module: str, *arguments: str) -> str:
    """The command that synthesizes a module of the tests."""
    return " ".join(["env", f"PYTHONPATH={TESTS}", sys.executable, "-m", module, *arguments])


class Toys:
    """A stack with a ledger, a bus and the participant.

    Args:
        name: of the stack.
        package: the folder of the participant's package `toy`.
        scope: of the stack; an app by default.
        variables: of the participant's environment.

    Attributes:
        stack: for the sagas.
        needs: what every saga in it is given.
    """

    def __init__(
        self, name: str, package: Path, *, scope: Construct | None = None, variables: Mapping[str, str] | None = None
    ) -> None:
        self.stack = Stack(scope or App(), name)
        ledger = Ledger(self.stack, "Ledger", removal_policy=RemovalPolicy.DESTROY, deletion_protection=False)
        bus = SagaBus(self.stack, "Bus")
        key = dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING)
        table = dynamodb.TableV2(self.stack, "Table", partition_key=key)
        toy = ParticipantFunction(
            self.stack,
            "Toy",
            service="toy",
            handler="toy.handler",
            bundle=Bundle.runtime(package),
            ledger=ledger,
            bus=bus,
            environment={"TABLE": table.table_name, **(variables or {})},
            settings=FunctionSettings(timeout=Duration.seconds(5)),
        )
        table.grant(toy, "dynamodb:PutItem", "dynamodb:DeleteItem")
        self.needs: dict[str, Any] = {"participants": {"toy": toy}, "ledger": ledger, "bus": bus}
        CfnOutput(self.stack, "TableName", value=table.table_name)
        CfnOutput(self.stack, "LedgerName", value=ledger.table.table_name)
        CfnOutput(self.stack, "BusName", value=bus.event_bus.event_bus_name)

    def synth(self) -> None:
        """Write the assembly."""
        self.stack.node.root.synth()  # type: ignore[attr-defined]
