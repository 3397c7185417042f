"""Recovery behind the client's Lambda, and Step Functions as far as an order uses it."""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from saga_runtime import BadCommand
from saga_runtime.client import Target
from saga_runtime.recovery import ControlOperations, SagaContext
from saga_runtime.recovery.engines import Engine
from saga_runtime.recovery.redrive import Redrive
from saga_runtime.recovery.retry import StepRetry, read_dead_letter
from world import World

STEPS = ("goods", "card", "note")
HANDLERS: dict[str, list[str]] = {step: [] for step in STEPS}
TARGET: Final = Target(name="order", version="v1", style="choreographed", where="bus", recovery="recovery")
MACHINE = "arn:aws:states:us-east-1:1:stateMachine:order"


class Functions:
    """Lambda, as far as the client uses it: recovery."""

    def __init__(self, operations: ControlOperations) -> None:
        self.operations = operations

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 # AWS's
        operation = json.loads(Payload)["operation"]
        assert FunctionName == ("recovery:answer" if operation in ("complete", "reject") else "recovery:manage")
        try:
            return {"Payload": io.BytesIO(json.dumps(self._performed(json.loads(Payload))).encode())}
        except BadCommand as error:
            body = json.dumps({"errorType": "BadCommand", "errorMessage": str(error)}).encode()
            return {"Payload": io.BytesIO(body), "FunctionError": "Unhandled"}

    def _performed(self, operation: dict[str, Any]) -> dict[str, Any]:
        if operation["operation"] != "redrive":
            return self.operations.perform(operation)
        retry = StepRetry(self.operations)
        return Redrive(self.operations.context.services, lambda body: retry.redrive(read_dead_letter(body))).next(
            operation
        )


def employed(world: World, steps: Mapping[str, Sequence[str]], way: Engine, turn: str = "card") -> ControlOperations:
    """Recovery that the client asks: who takes the orders of a saga with these steps."""
    operations = ControlOperations(SagaContext("order", steps, world.services, "v1"), way, turn)
    world.services.__dict__["functions"] = Functions(operations)
    return operations


class Gone(Exception):
    """An execution is not kept any more."""


class States:
    """Step Functions, as far as an order uses it: one execution, which may be gone, and names that are taken."""

    ARN = "arn:aws:states:us-east-1:1:execution:order:t-1"

    class exceptions:  # noqa: N801 # botocore's
        ExecutionDoesNotExist = Gone
        ExecutionAlreadyExists = Gone

    def __init__(self, *, input: dict[str, Any] | None = None) -> None:  # Step Functions'
        self.started: list[dict[str, Any]] = []
        self.input = input
        self.gone = False
        self.status = "ABORTED"
        self.taken = set[str]()

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803 # AWS's
        assert executionArn == self.ARN
        if self.gone:
            raise Gone
        versions = {"stateMachineArn": MACHINE, "stateMachineVersionArn": f"{MACHINE}:3"}
        begun = datetime.fromtimestamp(0, UTC)
        return {**versions, "input": json.dumps(self.input), "status": self.status, "name": "t-1", "startDate": begun}

    def get_execution_history(self, *, executionArn: str, **_shown: Any) -> dict[str, Any]:  # noqa: N803 # AWS's
        assert executionArn == self.ARN
        return {"events": []}

    def start_execution(self, **execution: Any) -> None:
        if execution["name"] in self.taken:
            raise Gone
        self.started.append(execution)
