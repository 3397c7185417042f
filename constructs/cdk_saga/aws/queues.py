"""Queues as sagas need them: encrypted, over TLS only, and fed by the rules they are meant for."""

import functools
from typing import Final, cast

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk_saga.definition.retry import VISIBILITY_FACTOR
from cdk_saga.limits import MESSAGE_KEPT

WORKED_OFF: Final = 7
"""Days a command is kept while its participant tries."""
WAITED_OFF: Final = 12
"""Days a command is kept whose step may wait for a callback; recovery has the rest of :data:`KEPT`."""
KEPT: Final = MESSAGE_KEPT.most
"""Days a message waits for recovery or an operator: SQS's longest, and longer than :data:`WORKED_OFF`, since a
redriven message keeps its age."""


class SagaQueue(sqs.Queue):
    """A queue that asks jsii for its ARN once; a saga of 30 steps would ask three hundred times."""

    @functools.cached_property
    def arn(self) -> str:
        """Its ARN."""
        return self.queue_arn


def saga_queue(
    scope: Construct,
    id: str,
    *,
    retention: int,
    consumer_timeout: int | None = None,
    redrive_to: sqs.IQueue | None = None,
    attempts: int = 1,
    encryption_key: kms.IKey | None = None,
) -> SagaQueue:
    """Define a queue.

    Args:
        scope: its parent.
        id: its construct id.
        retention: days a message is kept.
        consumer_timeout: seconds the consuming function may take.
        redrive_to: where a message goes after ``attempts`` receives.
        attempts: receives, the first included.
        encryption_key: a customer-managed key; without one, a key that Amazon SQS owns.
    """
    return SagaQueue(
        scope,
        id,
        encryption=sqs.QueueEncryption.KMS if encryption_key else sqs.QueueEncryption.SQS_MANAGED,
        encryption_master_key=encryption_key,
        enforce_ssl=True,
        retention_period=_days(retention),
        visibility_timeout=_seconds(VISIBILITY_FACTOR * consumer_timeout) if consumer_timeout else None,
        dead_letter_queue=sqs.DeadLetterQueue(queue=redrive_to, max_receive_count=attempts) if redrive_to else None,
    )


def allow_rules(queue: SagaQueue, *rule_arns: str) -> None:
    """Let EventBridge send to ``queue`` on behalf of the rules that ``rule_arns`` match, of no other account's.

    CDK's own rule target leaves that condition out as soon as the queue has a customer-managed key.
    """
    actions, resources = ["sqs:SendMessage"], [queue.arn]
    rules = {"ArnLike": {"aws:SourceArn": rule_arns[0] if len(rule_arns) == 1 else [*rule_arns]}}
    send = iam.PolicyStatement(principals=[_eventbridge()], actions=actions, resources=resources, conditions=rules)
    # The queue's own method answers with two fields, each of which is a call to jsii's Node process.
    iam.Grant.add_statement_to_resource_policy(
        grantee=_eventbridge(), resource=queue, statement=send, actions=actions, resource_arns=resources
    )


# What is the same for every queue is made once: each of these is a call to jsii's Node process.
_days = functools.cache(Duration.days)
_seconds = functools.cache(Duration.seconds)


@functools.cache
def _eventbridge() -> iam.IPrincipal:
    return cast(iam.IPrincipal, iam.ServicePrincipal("events.amazonaws.com"))
