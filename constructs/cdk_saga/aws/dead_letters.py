"""A queue for messages that no function could process, with an alarm."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from constructs import Construct

from cdk_saga.aws.acknowledged import NO_DEAD_LETTERS, acknowledge
from cdk_saga.aws.alarms import alarm_on_any, described
from cdk_saga.aws.keys import grant_key_to_rules
from cdk_saga.aws.queues import KEPT, saga_queue


class DeadLetterQueue(Construct):
    """A queue that raises an alarm as soon as it holds a message.

    Args:
        whose: what the messages were for, as the alarm's description should say it, e.g. ``"saga trip"``.
        what: the messages are.
        cure: what the description says is to be done.
        section: of the runbook, see :func:`~cdk_saga.aws.alarms.described`.
        encryption_key: a customer-managed key; without one, a key that Amazon SQS owns. Rules may use it to send here.
        alarm_actions: what the alarm does.

    Attributes:
        queue: keeps messages for 14 days.
        alarm: on any message.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        whose: str,
        what: str = "a message waits that no function could process",
        cure: str = "Correct the cause, then send the messages again",
        section: str = "a-dead-letter",
        encryption_key: kms.IKey | None = None,
        alarm_actions: Sequence[cloudwatch.IAlarmAction] = (),
    ) -> None:
        super().__init__(scope, id)
        self.queue = saga_queue(self, "Queue", retention=KEPT, encryption_key=encryption_key)
        grant_key_to_rules(encryption_key)
        acknowledge(self.queue, NO_DEAD_LETTERS)
        self.alarm = alarm_on_any(
            self,
            "Alarm",
            metric=self.queue.metric_approximate_number_of_messages_visible(
                period=Duration.minutes(1), statistic="Maximum"
            ),
            description=described(self, f"{whose}: {what}", cure, section),
            actions=alarm_actions,
        )
