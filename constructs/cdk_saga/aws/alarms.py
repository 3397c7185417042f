"""Alarms whose description says what has happened and what to do, with a link to a runbook where the app has one."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from cdk_saga.aws.errors import WiringError

RUNBOOK: Final = "cdk-saga:runbook"
"""The context value with the URL of the app's runbook, e.g. in ``cdk.json``."""


def described(scope: Construct, what: str, cure: str, section: str) -> str:
    """Describe an alarm: what has happened and what to do.

    Args:
        scope: where the context value :data:`RUNBOOK` is looked up; without it, there is no link.
        what: has happened.
        cure: what to do.
        section: the anchor in the runbook; ``docs/runbook.md`` of cdk-saga has all of them, to begin with.

    Raises:
        WiringError: the context value is no URL.
    """
    url = scope.node.try_get_context(RUNBOOK)
    if url is None:
        return f"{what}. {cure}."
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise WiringError(f"context {RUNBOOK}={url!r}: give the URL of a page, such as https://wiki.acme.test/sagas")
    return f"{what}. {cure}. {url}#{section}"


def alarm_on_any(
    scope: Construct,
    id: str,
    *,
    metric: cloudwatch.IMetric,
    description: str,
    actions: Sequence[cloudwatch.IAlarmAction],
    threshold: float = 1,
    periods: int = 1,
    of: int | None = None,
) -> cloudwatch.Alarm:
    """Define an alarm; by default a single occurrence in one period of ``metric`` raises it.

    Args:
        scope: its parent.
        id: its construct id.
        metric: what it watches; no data is good news.
        description: see :func:`described`.
        actions: what it does.
        threshold: from which value on.
        periods: in how many periods.
        of: among how many of the latest; the periods are consecutive without it.
    """
    alarm = cloudwatch.Alarm(
        scope,
        id,
        metric=metric,
        alarm_description=description,
        threshold=threshold,
        evaluation_periods=of or periods,
        datapoints_to_alarm=periods if of else None,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
    if actions:
        alarm.add_alarm_action(*actions)
    return alarm
