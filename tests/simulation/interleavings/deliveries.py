"""What a delivery does: the real handlers, asked once for each history of replies."""

import contextlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

from botocore.exceptions import ClientError

from cdk_saga.testing.clock import START
from cdk_saga.testing.participant import SimulatedParticipant
from cdk_saga.testing.services.calls import ACCOUNT, REGION
from cdk_saga.testing.services.function import Function
from cdk_saga.testing.services.requests import Client, Request, outcome
from cdk_saga.testing.world import alias_for
from saga_runtime.ledger import external

Json = dict[str, Any]
TIMEOUT: Final = 15.0
"""Seconds that every delivery has left: no time passes while one is at work."""
REDRIVE: Final = json.dumps({"deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:failed"})
SILENT: Final = {
    "GetQueueUrl": {"QueueUrl": "queue"},
    "GetQueueAttributes": {"Attributes": {"RedrivePolicy": REDRIVE}},
    "ChangeMessageVisibility": {},
}
"""Requests that change nothing which any other delivery sees, and their replies."""


class Paused(BaseException):
    """The code has asked for more than its history holds; no ``except Exception`` notices."""

    def __init__(self, request: Request) -> None:
        super().__init__(request.operation)
        self.request = request


@dataclass(frozen=True, eq=False)
class Reply:
    """What came back for a request: a value, or a refusal; equal replies are the same object."""

    value: Any = None
    refusal: ClientError | None = None

    def give(self) -> Any:
        """Return it, or raise it."""
        if self.refusal:
            raise ClientError(self.refusal.response, self.refusal.operation_name)
        return self.value

    def __str__(self) -> str:
        if not self.refusal:
            return "ok"
        return outcome(self.refusal)


@dataclass(frozen=True)
class Message:
    """Something to be delivered.

    Attributes:
        name: for traces.
        body: what the function gets of it.
        function: who gets it at first; for an operation that is recovery.
        is_order: whether it is given by a person: then recovery gets it as it is, not as a message of a queue.
    """

    name: str
    body: str
    function: SimulatedParticipant = field(compare=False)
    is_order: bool = False


@dataclass(eq=False)
class Point:
    """Where a delivery stands: the message, the replies so far, and what follows from them.

    Attributes:
        receives: how often SQS has given the message to a function, this time included.
        request: what it asks for next; ``None`` when it is over.
        name: the request as text: equal requests have equal names.
        acknowledged: whether it is over and the message need not be delivered again.
    """

    message: Message
    function: SimulatedParticipant
    slot: int
    receives: int
    replies: tuple[Reply, ...] = ()
    request: Request | None = None
    name: str = ""
    acknowledged: bool = False
    next: dict[Reply, "Point"] = field(default_factory=dict[Reply, "Point"])


class Deliveries:
    """The points that deliveries can reach.

    Args:
        services: the simulated services by name.
        participants: everybody whose code runs.
    """

    def __init__(self, services: Mapping[str, Any], participants: Sequence[SimulatedParticipant]) -> None:
        self.executed = 0
        self._clients = {name: Client(name, service, self) for name, service in services.items()}  # type: ignore[arg-type]
        self._begun: dict[tuple[Message, bool, int, int], Point] = {}
        self._replies: Sequence[Reply] = ()
        self._used = 0
        for participant in participants:
            self._equip(participant.services)

    def begin(self, message: Message, recovery: SimulatedParticipant | None, slot: int, receives: int) -> Point:
        """A delivery of a message in a slot, to its function or, if that has given up, to recovery."""
        key = message, recovery is not None, slot, receives
        if key not in self._begun:
            self._begun[key] = self._explored(Point(message, recovery or message.function, slot, receives))
        return self._begun[key]

    def continue_on_failure(self, point: Point, reply: Reply) -> Point:
        """Where a delivery stands after the reply to its request."""
        if reply not in point.next:
            after = Point(point.message, point.function, point.slot, point.receives, (*point.replies, reply))
            point.next[reply] = self._explored(after)
        return point.next[reply]

    def request(self, request: Request) -> Any:
        """Answer a request of the code from its history."""
        if request.operation in SILENT:
            return SILENT[request.operation]
        if self._used == len(self._replies):
            raise Paused(request)
        self._used += 1
        return self._replies[self._used - 1].give()

    def _explored(self, point: Point) -> Point:
        self.executed += 1
        self._replies, self._used = point.replies, 0
        claim = SimpleNamespace(uuid4=lambda: SimpleNamespace(hex=slot_name(point.slot)))
        with contextlib.redirect_stdout(io.StringIO()), patch.object(external, "uuid", claim):
            try:
                point.acknowledged = self._run(point)
            except Paused as paused:
                request = point.request = paused.request
                point.name = f"{request.operation} {json.dumps(request.parameters, sort_keys=True)}"
            except Exception:  # noqa: BLE001 # as Lambda does: the message stays
                point.acknowledged = False
        return point

    def _run(self, point: Point) -> bool:
        message = point.message
        alias = alias_for(message.name) if message.is_order else ""
        invoked = replace(Function("function", print, TIMEOUT), alias=alias).invoked_arn
        context = SimpleNamespace(
            get_remaining_time_in_millis=lambda: int(TIMEOUT * 1000), invoked_function_arn=invoked
        )
        if message.is_order:
            point.function.handler(json.loads(message.body), context)
            return True
        answer = point.function.handler({"Records": [_record(message, point.receives)]}, context)
        return not answer["batchItemFailures"]

    def _equip(self, services: Any) -> None:
        services.now = lambda: START
        services.sleep = lambda _seconds: None
        services.chance = lambda: 1.0
        services.client = self._clients.__getitem__
        for name in ("dynamodb", "events", "sqs", "states"):
            services.__dict__.pop(name, None)


def slot_name(slot: int) -> str:
    """What a delivery in a slot signs its claims with."""
    return f"delivery-{slot}"


def _record(message: Message, receives: int) -> Json:
    return {
        "messageId": message.name,
        "receiptHandle": message.name,
        "body": message.body,
        "attributes": {"ApproximateReceiveCount": str(receives)},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue",
        "awsRegion": REGION,
    }
