"""Watching sagas that are events on a bus: a queue of our own hears them all."""

import json
from typing import Any, Final

from demo.deployment import CHOREOGRAPHED, Deployment
from demo.mailbox import Mailbox
from saga_runtime.client import start
from saga_runtime.services import Services

Json = dict[str, Any]
LISTENER: Final = "demo-listener"
WAITING: Final = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
)


class Choreographed:
    """See `style.Style`."""

    counted = "messages"

    def __init__(self, deployment: Deployment) -> None:
        self.target = deployment.target(CHOREOGRAPHED)
        self._services = Services(client=deployment.client)
        queues = deployment.queues(CHOREOGRAPHED)
        dead = queues.pop("TripDead")
        self._first_queue = queues["Tripflightaction"]
        self._working_queues = list(queues.values())
        self._dead = Mailbox(self._services.sqs, dead)
        self._bus = Mailbox(self._services.sqs, self._listen())

    def start(self, saga_id: str, given: Json) -> None:
        """As `style.Style`."""
        start(self.target, saga_id, given, services=self._services)

    def smuggle(self, command: Json) -> None:
        """As `style.Style`; whether it is refused shows later, in the dead-letter queue."""
        self._services.sqs.send_message(QueueUrl=self._first_queue, MessageBody=json.dumps(command))

    def kept(self, key: str) -> int:
        """As `style.Style`."""
        return sum(key in body for body in self._dead.bodies())

    def steps(self, saga_id: str) -> list[str]:
        """As `style.Style`: the events on the bus."""
        return [_in_words(event) for event in self._events() if event["detail"]["id"] == saga_id]

    def count(self, key: str) -> int:
        """As `style.Style`: every event, also the ones that tell the world how the saga ended."""
        return sum(event["detail"]["id"].startswith(key) for event in self._events())

    def is_quiet(self) -> bool:
        """As `style.Style`: nothing waits or is worked on."""
        return not any(self._waiting(queue) for queue in self._working_queues)

    def _waiting(self, queue: str) -> int:
        answer = self._services.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=list(WAITING))
        return sum(int(answer["Attributes"][name]) for name in WAITING)

    def _events(self) -> list[Json]:
        return [json.loads(body) for body in self._bus.bodies()]

    def _listen(self) -> str:
        """Have every event of the saga copied into a queue."""
        sqs, events, bus = self._services.sqs, self._services.events, self.target.where
        url = sqs.create_queue(QueueName=LISTENER)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        pattern = json.dumps({"source": [f"saga.{self.target.name}"]})
        events.put_rule(Name=LISTENER, EventBusName=bus, EventPattern=pattern)
        events.put_targets(Rule=LISTENER, EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
        return url


def _in_words(event: Json) -> str:
    failure = event["detail"].get("failure")
    if failure and event["detail-type"].endswith((".rejected", ".unknown")):
        return f"{event['detail-type']}: {failure['Error']}: {failure['Cause']}"
    return event["detail-type"]
