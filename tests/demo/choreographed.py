"""Watching sagas that are events on a bus: a queue of our own hears them all."""

import json
from typing import Any, Final

from demo.deployment import Deployed
from demo.example import Example
from demo.mailbox import Mailbox

Json = dict[str, Any]
WAITING: Final = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
)


class Choreographed:
    """See `style.Style`."""

    counted = "messages"

    def __init__(self, deployment: Deployed, example: Example) -> None:
        stack = deployment.named(f"{example.title}Choreographed")
        self.target = deployment.target(stack)
        self._sqs = deployment.client("sqs")
        queues = deployment.queues(stack)
        dead = queues.pop("SagaDead")
        self._first_queue = queues[f"Saga{example.task['step']}action"]
        self._working_queues = list(queues.values())
        self._dead = Mailbox(self._sqs, dead, _refused)
        self._events = deployment.client("events")
        self._heard = self._listen(f"{deployment.beginning}demo-{self.target.name}")
        self._bus = Mailbox(self._sqs, self._heard, _event)

    def smuggle(self, command: Json) -> None:
        """As `style.Style`; whether it is refused shows later, in the dead-letter queue."""
        self._sqs.send_message(QueueUrl=self._first_queue, MessageBody=json.dumps(command))

    def kept(self, key: str) -> int:
        """As `style.Style`."""
        return sum(key in body for body in self._dead.messages())

    def steps(self, saga_id: str) -> list[str]:
        """As `style.Style`: the events on the bus."""
        return [_in_words(event) for event in self._bus.messages() if event["detail"]["id"] == saga_id]

    def count(self, key: str) -> int:
        """As `style.Style`: every event, also the ones that tell the world how the saga ended."""
        return sum(event["detail"]["id"].startswith(key) for event in self._bus.messages())

    def close(self) -> None:
        """As `style.Style`: the queue that hears the bus, and its rule."""
        name = {"Rule": self._heard.rpartition("/")[2], "EventBusName": self.target.where}
        self._events.remove_targets(**name, Ids=["queue"])
        self._events.delete_rule(Name=name["Rule"], EventBusName=name["EventBusName"])
        self._sqs.delete_queue(QueueUrl=self._heard)

    def is_quiet(self) -> bool:
        """As `style.Style`: nothing waits or is worked on."""
        return not any(self._waiting(queue) for queue in self._working_queues)

    def _waiting(self, queue: str) -> int:
        answer = self._sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=list(WAITING))
        return sum(int(answer["Attributes"][name]) for name in WAITING)

    def _listen(self, name: str) -> str:
        """Have every event of the saga copied into a queue; returns its URL."""
        bus, pattern = self.target.where, json.dumps({"source": [f"saga.{self.target.name}"]})
        rule = self._events.put_rule(Name=name, EventBusName=bus, EventPattern=pattern)["RuleArn"]
        url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allowed = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        self._sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        self._events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
        return url


def _event(message: Json) -> Json:
    return json.loads(message["Body"])


def _refused(message: Json) -> str:
    """The body of a refused message; nothing of one that waits for a stuck saga's operator."""
    reason = message.get("MessageAttributes", {}).get("reason", {}).get("StringValue", "")
    return "" if "stuck at" in reason else message["Body"]


def _in_words(event: Json) -> str:
    failure = event["detail"].get("failure")
    if failure and event["detail-type"].endswith((".rejected", ".unknown")):
        return f"{event['detail-type']}: {failure['Error']}: {failure['Cause']}"
    return event["detail-type"]
