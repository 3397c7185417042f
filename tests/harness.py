"""A desk at which a test hands commands to one participant, the way either style does."""

import functools
import json
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Final, Literal

from boto3.dynamodb.types import TypeDeserializer

from saga_runtime import Rejected, SagaFenced
from saga_runtime.participant import Participant
from saga_runtime.services import Services
from shop import Context, payload
from world import AWS

Json = dict[str, Any]
Entry = Literal["direct", "queue"]
TABLE: Final = "own"
QUEUE: Final = "commands"
LADDER: Final = {"max_attempts": 3, "interval": 1, "backoff_rate": 2, "max_delay": 60}


@dataclass(frozen=True)
class Answer:
    """What became of a command.

    Attributes:
        outcome: `succeeded`, `rejected`, `compensated`, `fenced`, or `failed`: to be delivered again.
        saga: the saga state that the style goes on with; empty where it does not.
        reason: why it was rejected; the error's class for a direct call that failed.
    """

    outcome: str
    saga: Json = field(default_factory=dict[str, Any])
    reason: str = ""


@functools.cache
def client(service: str) -> Any:
    """A client of AWS in memory; making one takes longer than most tests."""
    return AWS.client(service)


def items() -> dict[str, Json]:
    """The participant's own table, by partition key."""
    plain = TypeDeserializer().deserialize
    found = client("dynamodb").scan(TableName=TABLE)["Items"]
    rows = [{name: plain(value) for name, value in item.items()} for item in found]
    return {row.pop("pk"): row for row in rows}


@dataclass
class Bus:
    """EventBridge, as far as the runtime uses it: keeps what it is told."""

    published: list[Json] = field(default_factory=list[Json])

    def put_events(self, *, Entries: list[Json]) -> Json:  # noqa: N803 # boto3's word
        self.published.extend(Entries)
        return {"FailedEntryCount": 0}


@dataclass
class Desk:
    """One participant, its table, and the way in.

    Attributes:
        module: the participant's file, with its `handler`.
        entry: `direct`, as Step Functions calls it, or `queue`, as SQS does.
        bus: the events it put there.
    """

    module: ModuleType
    entry: Entry
    bus: Bus = field(default_factory=Bus)

    def __post_init__(self) -> None:
        (participant,) = [value for value in vars(self.module).values() if isinstance(value, Participant)]
        participant.services = Services(
            now=lambda: 1_800_000_000.0,
            sleep=lambda _: None,
            chance=lambda: 1.0,
            client=lambda service: self.bus if service == "events" else client(service),
        )

    def call(self, handler: str, operation: str = "action", **command: Any) -> Answer:
        """Hand over a command; see `shop.payload` for what it may say."""
        event = payload(handler, operation, **command, retry=LADDER)
        return self._call_directly(event) if self.entry == "direct" else self._call_by_queue(event)

    def stock(self, key: str, **attributes: int) -> None:
        """Put an item with numbers into the participant's own table."""
        item = {name: {"N": str(value)} for name, value in attributes.items()}
        client("dynamodb").put_item(TableName=TABLE, Item={"pk": {"S": key}, **item})

    def _call_directly(self, event: Json) -> Answer:
        try:
            saga: Json = self.module.handler(event, Context())
        except Rejected as rejection:
            return Answer("rejected", reason=str(rejection))
        except SagaFenced:
            return Answer("fenced")
        except Exception as error:  # noqa: BLE001 # Step Functions catches them all
            return Answer("failed", reason=type(error).__name__)
        return Answer("succeeded" if event["task"]["operation"] == "action" else "compensated", saga)

    def _call_by_queue(self, event: Json) -> Answer:
        before = len(self.bus.published)
        if self.module.handler({"Records": [self._record(event)]}, Context())["batchItemFailures"]:
            return Answer("failed")
        if len(self.bus.published) == before:
            return Answer("fenced")
        saga = json.loads(self.bus.published[-1]["Detail"])
        outcome = self.bus.published[-1]["DetailType"].split(".")[1]
        return Answer(outcome, saga, saga["failure"]["Cause"] if outcome == "rejected" else "")

    def _record(self, event: Json) -> Json:
        sqs = client("sqs")
        queue = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(event))
        (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": {"ApproximateReceiveCount": "1"},
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:us-east-1:123456789012:{QUEUE}",
        }
