"""SQS, as far as a participant uses it."""

ARN = "arn:aws:sqs:us-east-1:123456789012:queue"


class Queue:
    """SQS, as far as a participant uses it."""

    def __init__(self) -> None:
        self.waits: list[tuple[str, int]] = []

    def get_queue_url(self, *, QueueName: str, QueueOwnerAWSAccountId: str) -> dict[str, str]:  # noqa: N803 # AWS's
        return {"QueueUrl": f"{QueueOwnerAWSAccountId}/{QueueName}"}

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:  # noqa: N803 # AWS's
        assert QueueUrl == "123456789012/queue"
        self.waits.append((ReceiptHandle, VisibilityTimeout))
