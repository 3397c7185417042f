"""What a saga announces when it ends: the same events and metrics in every style."""

from typing import Any, Final, Unpack, cast

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from constructs import Construct

from cdk_saga.aws.bus import ISagaBus
from cdk_saga.aws.options import MetricOptions, OnEventOptions
from cdk_saga.definition import Saga
from cdk_saga.plan import Ending

LEAST: Final = 20
"""Sagas of which a share says something."""


class SagaEndings(Construct):
    """The endings of one saga, as event rules and as metrics.

    Rules take CDK's ``OnEventOptions``: ``target``, ``description``, ``rule_name``, ``event_pattern`` (a further one,
    for parts of the detail) and ``cross_stack_scope``. Metrics take CDK's ``MetricOptions``, ``dimensions_map`` aside;
    their ``period`` is 5 minutes by default.

    Attributes:
        saga: the definition.
        bus: where its endings are published.
        metrics_namespace: where its metrics are.
    """

    def __init__(self, scope: Construct, id: str, *, saga: Saga, bus: ISagaBus, metrics_namespace: str) -> None:
        super().__init__(scope, id)
        self.saga = saga
        self.bus = bus
        self.metrics_namespace = metrics_namespace

    def on_completed(self, id: str, **options: Unpack[OnEventOptions]) -> events.Rule:
        """Define a rule for sagas that did everything. The event's detail is the saga: its id, input and results."""
        return self._on(Ending.COMPLETED, id, options)

    def on_compensated(self, id: str, **options: Unpack[OnEventOptions]) -> events.Rule:
        """Define a rule for sagas that undid everything, but for what an operator forgave.

        The event's detail says in ``failure`` what went wrong.
        """
        return self._on(Ending.COMPENSATED, id, options)

    def on_stuck(self, id: str, **options: Unpack[OnEventOptions]) -> events.Rule:
        """Define a rule for sagas that need an operator."""
        return self._on(Ending.STUCK, id, options)

    def metric_completed(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Count sagas that did everything."""
        return self._metric("Completed", "Sum", options)

    def metric_compensated(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Count sagas that undid everything, but for what an operator forgave."""
        return self._metric("Compensated", "Sum", options)

    def metric_stuck(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Count sagas that need an operator."""
        return self._metric("Stuck", "Sum", options)

    def metric_started(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Count sagas whose first task was delivered."""
        return self._metric("Started", "Sum", options)

    def metric_duration(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Measure the seconds from a saga's start to its ending; the 99th percentile by default."""
        return self._metric("Duration", "p99", options)

    def metric_late(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Count unfinished sagas past their deadline or age, at each look; the largest number by default."""
        return self._metric("Late", "Maximum", options)

    def metric_compensated_share(
        self, *, least: int = LEAST, period: Duration | None = None, label: str | None = None
    ) -> cloudwatch.MathExpression:
        """Per cent of ended sagas that undid everything, 0 for fewer than ``least``; ``period`` is 15 minutes."""
        period = period or Duration.minutes(15)
        undone, both = "FILL(undone,0)", "(FILL(undone,0)+FILL(done,0))"
        return cloudwatch.MathExpression(
            expression=f"IF({both}>={least},100*{undone}/{both},0)",
            using_metrics={
                "undone": cast(cloudwatch.IMetric, self.metric_compensated(period=period)),
                "done": cast(cloudwatch.IMetric, self.metric_completed(period=period)),
            },
            period=period,
            label=label or f"{self.saga.name}: % compensated",
        )

    def _on(self, ending: Ending, id: str, options: OnEventOptions) -> events.Rule:
        given: dict[str, Any] = dict(options)
        target = given.pop("target", None)
        rule = events.Rule(self, id, event_bus=self.bus.event_bus, **given)
        rule.add_event_pattern(source=[f"saga.{self.saga.name}"], detail_type=[ending.event])
        if target:
            rule.add_target(target)
        return rule

    def _metric(self, name: str, statistic: str, options: MetricOptions) -> cloudwatch.Metric:
        given: dict[str, Any] = {"statistic": statistic, **options}
        given["dimensions_map"] = {"saga": self.saga.name, **(given.get("dimensions_map") or {})}
        return cloudwatch.Metric(namespace=self.metrics_namespace, metric_name=name, **given)
