"""Where messages wait that nobody could act on, and the alarm that says so."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from cdk_saga.aws.queues import KEPT, saga_queue


class DeadLetterQueue(Construct):
    """A queue that raises an alarm as soon as it holds a message.

    Args:
        whose: what the messages were for, as the alarm's description should say it, e.g. ``"saga trip"``.
        alarm_actions: what the alarm does.

    Attributes:
        queue: keeps messages for 14 days.
        alarm: on any message.
    """

    def __init__(
        self, scope: Construct, id: str, *, whose: str, alarm_actions: Sequence[cloudwatch.IAlarmAction] = ()
    ) -> None:
        super().__init__(scope, id)
        self.queue = saga_queue(self, "Queue", retention=KEPT)
        self.alarm = alarm_on_any(
            self,
            "Alarm",
            metric=self.queue.metric_approximate_number_of_messages_visible(
                period=Duration.minutes(1), statistic="Maximum"
            ),
            description=f"{whose}: messages that nobody could act on wait in the dead-letter queue",
            actions=alarm_actions,
        )


def alarm_on_any(
    scope: Construct,
    id: str,
    *,
    metric: cloudwatch.IMetric,
    description: str,
    actions: Sequence[cloudwatch.IAlarmAction],
) -> cloudwatch.Alarm:
    """Define an alarm that a single occurrence in one period of ``metric`` raises."""
    alarm = cloudwatch.Alarm(
        scope,
        id,
        metric=metric,
        alarm_description=description,
        threshold=1,
        evaluation_periods=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
    if actions:
        alarm.add_alarm_action(*actions)
    return alarm
