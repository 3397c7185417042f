"""The relay behind the client's Lambda, and Step Functions as far as an order uses it."""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from saga_runtime import BadCommand
from saga_runtime.relay import Orders, Verdict
from saga_runtime.relay.redrive import Redrive
from saga_runtime.relay.replay import Replay, letter
from saga_runtime.relay.ways import Way
from world import World

STEPS = ("goods", "card", "note")
HANDLERS: dict[str, list[str]] = {step: [] for step in STEPS}
MACHINE = "arn:aws:states:us-east-1:1:stateMachine:order"


class Functions:
    """Lambda, as far as the client uses it: the relay."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 # AWS's
        order = json.loads(Payload)["order"]
        assert FunctionName == ("relay:answer" if order in ("complete", "reject") else "relay:manage")
        try:
            return {"Payload": io.BytesIO(json.dumps(self._obeyed(json.loads(Payload))).encode())}
        except BadCommand as error:
            body = json.dumps({"errorType": "BadCommand", "errorMessage": str(error)}).encode()
            return {"Payload": io.BytesIO(body), "FunctionError": "Unhandled"}

    def _obeyed(self, order: dict[str, Any]) -> dict[str, Any]:
        if order["order"] != "redrive":
            return self.orders.obey(order)
        replay = Replay(self.orders)
        return Redrive(self.orders.verdict.services, lambda body: replay.letter(letter(body))).next(order)


def employed(world: World, steps: Mapping[str, Sequence[str]], way: Way, turn: str = "card") -> Orders:
    """The relay that the client asks: who takes the orders of a saga with these steps."""
    orders = Orders(Verdict("order", steps, world.services, "v1"), way, turn)
    world.services.__dict__["functions"] = Functions(orders)
    return orders


class Gone(Exception):
    """An execution is not kept any more."""


class States:
    """Step Functions, as far as an order uses it: one execution, which may be gone, and names that are taken."""

    ARN = "arn:aws:states:us-east-1:1:execution:order:t-1"

    class exceptions:  # noqa: N801 # botocore's
        ExecutionDoesNotExist = Gone
        ExecutionAlreadyExists = Gone

    def __init__(self, *, input: dict[str, Any] | None = None) -> None:  # noqa: A002 # Step Functions'
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
