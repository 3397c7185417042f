"""Hears every event of every saga, as another service would."""

import json
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Self

from demo.choreographed import WAITING
from demo.deployment import Deployment
from emulator.waiting import wait_until

NAME: Final = "soak"
ENDINGS: Final = ("saga.completed", "saga.compensated", "saga.stuck")
PATTERN: Final = json.dumps({"source": [{"prefix": "saga."}]})


@dataclass(frozen=True)
class Heard:
    """An event: its type, and why it was, where it says so."""

    what: str
    why: str = ""


class EventRecorder:
    """A queue of our own on the bus; `heard` is filled by a thread until `stop`.

    Args:
        client: gives a boto3 client of a service.
        bus: the name of the bus.
    """

    def __init__(self, client: Callable[[str], Any], bus: str) -> None:
        self.heard: defaultdict[tuple[str, str], list[Heard]] = defaultdict(list)
        self.ended: set[tuple[str, str]] = set()
        self._sqs = client("sqs")
        self._url = self._listen(client("events"), bus)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ears", daemon=True)
        self._thread.start()

    @property
    def count(self) -> int:
        """How many events there have been."""
        return sum(map(len, self.heard.values()))

    def catch_up(self) -> None:
        """Wait until everything that was said by now is heard."""

        def is_heard() -> bool:
            answer = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=list(WAITING))
            return not any(int(count) for count in answer["Attributes"].values())

        wait_until(is_heard, what="the end of what the ears have to hear", interval=0.2)

    @classmethod
    def of(cls, deployment: Deployment) -> Self:
        """Those of the example's sagas."""
        return cls(deployment.client, deployment.target("local-TripChoreographed").where)

    def stop(self) -> None:
        """Hear no more."""
        self._stopped.set()
        self._thread.join()

    def _listen(self, events: Any, bus: str) -> str:
        url = self._sqs.create_queue(QueueName=NAME)["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_rule(Name=NAME, EventBusName=bus, EventPattern=PATTERN)
        events.put_targets(Rule=NAME, EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
        return url

    def _run(self) -> None:
        while not self._stopped.is_set():
            messages = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages", [])
            for message in messages:
                self._hear(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            if not messages:
                self._stopped.wait(0.2)

    def _hear(self, event: dict[str, Any]) -> None:
        detail = event["detail"]
        key, failure = (detail["name"], detail["id"]), detail.get("failure") or {}
        self.heard[key].append(Heard(event["detail-type"], f"{failure.get('Error', '')} {failure.get('Cause', '')}"))
        if event["detail-type"] in ENDINGS:
            self.ended.add(key)
