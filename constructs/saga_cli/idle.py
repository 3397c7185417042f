"""What an app costs in a month in which nothing happens: read from the templates in ``cdk.out``."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

from cdk_saga.cost.prices import ALARM_METRIC, DASHBOARD, KEY, POLLS_A_MONTH, SQS_REQUEST
from saga_cli.assemblies import templates

Json = dict[str, Any]


class Idle(NamedTuple):
    """What is paid for whether or not sagas run.

    Attributes:
        what: it is.
        number: how many.
        least: dollars a month.
        most: likewise.
    """

    what: str
    number: int
    least: float
    most: float


def idle(folder: Path, stage: str = "") -> list[Idle]:
    """The idle month of the stacks in a cloud assembly.

    Args:
        folder: what ``cdk synth`` has written.
        stage: of one environment alone, by the beginning of its stacks' names; all by default.
    """
    stacks = [template for name, template in templates(folder) if name.startswith(f"{stage}-" if stage else "")]
    resources = [one for template in stacks for one in cast(Mapping[str, Json], template.get("Resources", {})).values()]
    alarms = sum(len(list(_metrics(one["Properties"]))) for one in _of(resources, "AWS::CloudWatch::Alarm"))
    sources = len(list(_of(resources, "AWS::Lambda::EventSourceMapping")))  # of queues: the constructs make no others
    keys = len(list(_of(resources, "AWS::KMS::Key")))
    dashboards = len(list(_of(resources, "AWS::CloudWatch::Dashboard")))
    least, most = (sources * polls * SQS_REQUEST for polls in POLLS_A_MONTH)
    return [
        Idle("metrics of alarms", alarms, alarms * ALARM_METRIC, alarms * ALARM_METRIC),
        Idle("customer-managed keys", keys, keys * KEY, keys * KEY),
        Idle("dashboards, three an account free", dashboards, 0, dashboards * DASHBOARD),
        Idle("queues polled", sources, least, most),
    ]


def _of(resources: list[Json], kind: str) -> Iterator[Json]:
    return (one for one in resources if one["Type"] == kind)


def _metrics(alarm: Json) -> Iterator[Json]:
    """The metrics that an alarm is paid for; an expression over them is free."""
    if "MetricName" in alarm:
        yield alarm
    yield from (one for one in alarm.get("Metrics", ()) if "MetricStat" in one)
