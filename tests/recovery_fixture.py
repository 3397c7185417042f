"""Recovery, and SQS and Step Functions as far as it uses them."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from saga_runtime.ledger import Runs, SagaKey, Sagas
from saga_runtime.ledger.runs import TOKEN
from saga_runtime.recovery import Executions, Messages, SagaContext
from shop import payload
from world import World

KEY: Final = SagaKey("order", "t-1")
STEPS: Final = {"goods": ("reserve", "release"), "card": ("charge", "refund")}
RUNS: Final = "arn:aws:states:us-east-1:1:execution:order"


class Queue:
    """SQS, as far as recovery uses it."""

    def __init__(self) -> None:
        self.parked: list[tuple[str, str]] = []

    def send_message(self, *, QueueUrl: str, MessageBody: str, MessageAttributes: Any) -> None:  # noqa: N803 # AWS's
        assert QueueUrl == "dead"
        self.parked.append((MessageBody, MessageAttributes["reason"]["StringValue"]))


class States:
    """Step Functions, as far as recovery uses it.

    Attributes:
        started: what the name of each execution ends with that recovery has started.
    """

    class exceptions:  # noqa: N801 # AWS's
        class ExecutionAlreadyExists(Exception):
            """As AWS calls it."""

        class ExecutionDoesNotExist(Exception):
            """As AWS calls it."""

    def __init__(self, saga: dict[str, Any]) -> None:
        begun = datetime.fromtimestamp(saga["started"], UTC)
        known = {"status": "FAILED", "input": json.dumps(saga), "name": "t-1", "stateMachineArn": "machine"}
        self.execution: dict[str, Any] = {**known, "startDate": begun}
        self.started: list[str] = []
        self.names: list[str] = []
        self.backs: list[str | None] = []
        self.described = 0
        self.history: list[dict[str, Any]] = []
        self.late = False

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803 # AWS's
        assert executionArn == self.news["executionArn"]
        self.described += 1
        return {**self.execution, "status": "RUNNING"} if self.late else self.execution

    def get_execution_history(self, *, executionArn: str, **_shown: Any) -> dict[str, Any]:  # noqa: N803 # AWS's
        assert executionArn == self.news["executionArn"]
        return {"events": self.history}

    @property
    def news(self) -> dict[str, Any]:
        """What the event says of the execution's end."""
        nothing = dict.fromkeys(("error", "cause", "stateMachineVersionArn"))
        return {
            **nothing,
            **self.execution,
            "executionArn": f"{RUNS}:{self.execution['name']}",
            "startDate": 1_000_000_000,
        }

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> None:  # noqa: N803 # AWS's
        given = json.loads(input)
        self.backs.append(given.pop("compensate_from", None))
        first = json.loads(self.execution["input"])
        assert (stateMachineArn, given["id"], given["input"]) == ("machine", first["id"], first["input"])
        if name in self.names:
            raise self.exceptions.ExecutionAlreadyExists
        self.names.append(name)
        self.started.append(name.partition(".")[2][TOKEN:])


def give_up(world: World, body: Any, *, message: str = "m1") -> None:
    """A message arrives whose retries are used up."""
    text = body if isinstance(body, str) else json.dumps(body)
    record = SQSRecord({"messageId": message, "body": text, "attributes": {}})
    Messages(SagaContext("order", STEPS, world.services, "v1"), last_compensable_step="card").failed(record)


def set_variables(
    patch: pytest.MonkeyPatch, steps: Mapping[str, Sequence[str]], last: str, version: str = "v1"
) -> None:
    """Tell the recovery function of ``order`` what the constructs would.

    Args:
        patch: sets the variables.
        steps: the handlers of each step.
        last: the last step that can be compensated.
        version: the newest.
    """
    told = {"NAME": "order", "VERSION": version, "STEPS": json.dumps(steps), "LAST_COMPENSABLE_STEP": last}
    for name, value in {**told, "DEAD_LETTER_QUEUE": "dead"}.items():
        patch.setenv(f"SAGA_{name}", value)


def sagas(world: World) -> Sagas:
    return SagaContext("order", STEPS, world.services, "v1").sagas


def told(world: World) -> list[str]:
    return [event["DetailType"] for event in world.published]


def fail(
    world: World,
    *,
    unsaid: Sequence[str] = (),
    late: bool = False,
    again: str = "",
    entered: Sequence[Any] = (),
    **execution: str,
) -> States:
    """An execution ends otherwise than by success.

    Args:
        world: where.
        unsaid: what the event leaves out.
        late: Step Functions has not heard of it yet.
        again: what the name of one ends with that recovery started.
        entered: the inputs of the states that it entered, the last one first.
        execution: what is different about it.
    """
    states = States(payload("reserve")["saga"])
    names = {"name": Runs(sagas(world).store).name(KEY, again)} if again else {}
    states.execution.update({**names, **execution})
    states.late = late
    states.history = [{"type": "ExecutionFailed"}]
    states.history += [{"stateEnteredEventDetails": {"input": json.dumps(given)}} for given in entered]
    world.services.__dict__["states"] = states
    news = {name: value for name, value in states.news.items() if name not in unsaid}
    Executions(SagaContext("order", STEPS, world.services, "v1")).failed(news)
    return states
