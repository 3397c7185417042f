"""Alarms that mean something: each names the section of the runbook that says what to do."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

RUNBOOK: Final = "docs/runbook.md"


def described(what: str, section: str) -> str:
    """An alarm's description: what has happened, and where it says what to do."""
    return f"{what}. Runbook: {RUNBOOK}#{section}"


def alarm_on_any(
    scope: Construct,
    id: str,
    *,
    metric: cloudwatch.IMetric,
    description: str,
    actions: Sequence[cloudwatch.IAlarmAction],
    threshold: float = 1,
    periods: int = 1,
) -> cloudwatch.Alarm:
    """Define an alarm; by default a single occurrence in one period of ``metric`` raises it.

    Args:
        scope: its parent.
        id: its construct id.
        metric: what it watches; no data is good news.
        description: see :func:`described`.
        actions: what it does.
        threshold: from which value on.
        periods: for how many periods in a row.
    """
    alarm = cloudwatch.Alarm(
        scope,
        id,
        metric=metric,
        alarm_description=description,
        threshold=threshold,
        evaluation_periods=periods,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
    if actions:
        alarm.add_alarm_action(*actions)
    return alarm
