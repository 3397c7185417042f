"""A function that works off queues."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cdk_saga.aws.queues import SagaQueue
from cdk_saga.aws.wiring import Wired

BATCH: Final = 1
"""Messages an invocation. A larger batch saves a seventh of the price; it also shares one time-out, and so one
attempt, among sagas that have nothing to do with each other."""


class Consumer:
    """One function and the queues of one saga that it consumes.

    Args:
        wired: the function.
        policies: what lets its role read them, if that is no policy of the function's own.
    """

    def __init__(self, wired: Wired, policies: Sequence[iam.Policy | iam.ManagedPolicy] = ()) -> None:
        self._function = wired.function
        self._policies = policies

    def consume(self, scope: Construct, queue: SagaQueue) -> lambda_.EventSourceMapping:
        """Hand the messages of ``queue`` to the function; those it reports as failed come back alone."""
        source = lambda_.EventSourceMapping(
            scope,
            "Source",
            target=self._function,
            event_source_arn=queue.arn,
            batch_size=BATCH,
            report_batch_item_failures=True,
        )
        # AWS Lambda makes no event source mapping for a role that may not read the queue.
        source.node.add_dependency(*self._policies)
        return source
