"""A function that works off queues."""

from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cdk_saga.aws.added_policy import added_policy
from cdk_saga.aws.errors import WiringError
from cdk_saga.aws.keys import READ, through
from cdk_saga.aws.queues import SagaQueue
from cdk_saga.aws.wiring import Wired
from cdk_saga.limits import ROLE_POLICIES

BATCH: Final = 1
"""Messages an invocation. A larger batch saves a seventh of the price; it also shares one time-out, and so one
attempt, among sagas that have nothing to do with each other."""
CONSUME: Final = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
"""What an event source mapping needs."""
PUT_OFF: Final = ("sqs:ChangeMessageVisibility", "sqs:GetQueueUrl")
"""What the runtime needs to put off a participant's next attempt."""

EMPTY_POLICY: Final = 256
KEY: Final = 256
"""Characters of a policy's statement about a key."""
LONGEST_ARN: Final = 132
"""Characters of a queue's ARN in a policy: 80 of its name, and the longest Region's."""


class Consumer(Construct):
    """One function and the queues of one saga that it consumes.

    The permission is a policy of its own in the saga's stack: added to the function's, it would make the
    function's stack depend on the queues' and the queues' on the function's.

    Args:
        wired: the function.
        puts_off: whether it decides itself when a message that it failed at comes back.
        encryption_key: of the queues.

    Raises:
        WiringError: the function's role is unknown, so nothing can be granted to it; or it reads too many queues.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        wired: Wired,
        puts_off: bool = True,
        encryption_key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        role = wired.role("read queues")
        self._function = wired.function
        self._name = wired.name
        self._queues: list[str] = []
        self._length = EMPTY_POLICY + (KEY if encryption_key else 0)
        self._statement = iam.PolicyStatement(actions=[*CONSUME, *(PUT_OFF if puts_off else ())])
        decrypt = [through(encryption_key, "sqs", *READ)] if encryption_key else []
        self._policy = added_policy(self, "Policy", roles=[role], statements=[self._statement, *decrypt])

    def consume(self, scope: Construct, queue: SagaQueue) -> lambda_.EventSourceMapping:
        """Hand the messages of ``queue`` to the function; those it reports as failed come back alone."""
        self._queues.append(queue.arn)
        size = self._length + len(self._queues) * LONGEST_ARN
        cure = "divide its steps between two participants, which may share their code"
        ROLE_POLICIES.check(size, f"{self._name!r}, which reads {len(self._queues)} queues", cure, WiringError)
        source = lambda_.EventSourceMapping(
            scope,
            "Source",
            target=self._function,
            event_source_arn=queue.arn,
            batch_size=BATCH,
            report_batch_item_failures=True,
        )
        source.node.add_dependency(self._policy)
        return source

    def allow(self) -> None:
        """Let the function read the queues that it was given so far, all of them in one call to jsii's Node process."""
        self._statement.add_resources(*self._queues)
