"""SQS, as far as a participant uses it."""

import json
from typing import Any

ARN = "arn:aws:sqs:us-east-1:123456789012:queue"
FAILED_ARN = "arn:aws:sqs:us-east-1:123456789012:failed"


class Queue:
    """SQS, as far as a participant uses it."""

    def __init__(self) -> None:
        self.waits: list[tuple[str, int]] = []
        self.given_up: list[str] = []
        self.failed = True

    def get_queue_url(self, *, QueueName: str, QueueOwnerAWSAccountId: str) -> dict[str, str]:  # noqa: N803 # AWS's
        return {"QueueUrl": f"{QueueOwnerAWSAccountId}/{QueueName}"}

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:  # noqa: N803 # AWS's
        assert (QueueUrl, AttributeNames) == ("123456789012/queue", ["RedrivePolicy"])
        return {"Attributes": {"RedrivePolicy": json.dumps({"deadLetterTargetArn": FAILED_ARN})}} if self.failed else {}

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803 # AWS's
        assert QueueUrl == "123456789012/failed"
        self.given_up.append(MessageBody)

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:  # noqa: N803 # AWS's
        assert QueueUrl == "123456789012/queue"
        self.waits.append((ReceiptHandle, VisibilityTimeout))
