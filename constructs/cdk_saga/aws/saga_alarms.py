"""The alarms of one saga: stuck, late, and too many compensated."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from cdk_saga.aws.alarms import alarm_on_any, described
from cdk_saga.aws.endings import SagaEndings
from cdk_saga.aws.watchdog import EVERY, MISSING


def saga_alarms(
    saga: SagaEndings, compensated_alarm_percent: int, actions: Sequence[cloudwatch.IAlarmAction]
) -> list[cloudwatch.Alarm]:
    """Define the alarms of a saga.

    Args:
        saga: whose, and their scope.
        compensated_alarm_percent: per cent of the sagas ending in 15 minutes that may be compensated.
        actions: what the alarms do.
    """
    name = f"saga {saga.saga.name}"
    stuck = alarm_on_any(
        saga,
        "StuckAlarm",
        metric=saga.metric_stuck(period=Duration.minutes(1)),
        description=described(
            saga,
            f"{name}: a saga is stuck and waits for an operator",
            f"Find it with 'cdk-saga list {saga.saga.name} --state STUCK', correct the cause, then resume it",
            "a-stuck-saga",
        ),
        actions=actions,
    )
    late = alarm_on_any(
        saga,
        "LateAlarm",
        metric=saga.metric_late(period=Duration.minutes(EVERY)),
        description=described(
            saga,
            f"{name}: a saga is late and still is at the next look",
            f"Find it with 'cdk-saga list {saga.saga.name} --older-than 1h'. If its definition is not deployed, the "
            f"metric MissingVersion (dashboard: '{MISSING}') names its version",
            "a-late-saga",
        ),
        # EventBridge keeps a schedule to the minute (User Guide, "Creating a rule that runs on a schedule"), so
        # that a period of five minutes may be without a look.
        periods=2,
        of=3,
        actions=actions,
    )
    compensated = alarm_on_any(
        saga,
        "CompensatedAlarm",
        metric=saga.metric_compensated_share(),
        description=described(
            saga,
            f"{name}: an unusual share of sagas is compensated",
            "The dashboard shows the steps and the reasons",
            "many-compensated-sagas",
        ),
        threshold=compensated_alarm_percent,
        periods=2,
        actions=actions,
    )
    return [stuck, late, compensated]
