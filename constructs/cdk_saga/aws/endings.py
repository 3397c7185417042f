"""What a saga tells the world when it ends: the same events and metrics in every style."""

from typing import Protocol, cast

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from constructs import Construct

from cdk_saga.aws.bus import SagaBus
from cdk_saga.definition import Saga
from cdk_saga.plan import Ending


class RuleTarget(Protocol):
    """A target of a rule. CDK's targets implement ``IRuleTarget``, but rename a parameter, which pyright refuses."""

    def bind(self, rule: events.IRule, id: str | None = None, /) -> events.RuleTargetConfig:
        """Describe the target to ``rule``."""
        ...


class SagaEndings(Construct):
    """The endings of one saga, as event rules and as metrics.

    Attributes:
        saga: the definition.
        bus: where its endings are announced.
        metrics_namespace: where its metrics are.
    """

    def __init__(self, scope: Construct, id: str, *, saga: Saga, bus: SagaBus, metrics_namespace: str) -> None:
        super().__init__(scope, id)
        self.saga = saga
        self.bus = bus
        self.metrics_namespace = metrics_namespace

    def on_completed(self, id: str, *, target: RuleTarget | None = None, description: str | None = None) -> events.Rule:
        """Define a rule for sagas that did everything. The event's detail is the saga: its id, input and results."""
        return self._on(Ending.COMPLETED, id, target, description)

    def on_compensated(
        self, id: str, *, target: RuleTarget | None = None, description: str | None = None
    ) -> events.Rule:
        """Define a rule for sagas that undid everything, but for what an operator forgave.

        The event's detail says in ``failure`` what went wrong.
        """
        return self._on(Ending.COMPENSATED, id, target, description)

    def on_stuck(self, id: str, *, target: RuleTarget | None = None, description: str | None = None) -> events.Rule:
        """Define a rule for sagas that need an operator."""
        return self._on(Ending.STUCK, id, target, description)

    def metric_completed(
        self, *, statistic: str = "Sum", period: Duration | None = None, label: str | None = None
    ) -> cloudwatch.Metric:
        """Sagas that did everything; ``period`` is 5 minutes by default."""
        return self._metric("Completed", statistic, period, label)

    def metric_compensated(
        self, *, statistic: str = "Sum", period: Duration | None = None, label: str | None = None
    ) -> cloudwatch.Metric:
        """Sagas that undid everything, but for what an operator forgave; ``period`` is 5 minutes by default."""
        return self._metric("Compensated", statistic, period, label)

    def metric_stuck(
        self, *, statistic: str = "Sum", period: Duration | None = None, label: str | None = None
    ) -> cloudwatch.Metric:
        """Sagas that need an operator; ``period`` is 5 minutes by default."""
        return self._metric("Stuck", statistic, period, label)

    def metric_started(
        self, *, statistic: str = "Sum", period: Duration | None = None, label: str | None = None
    ) -> cloudwatch.Metric:
        """Sagas whose first task was delivered; ``period`` is 5 minutes by default."""
        return self._metric("Started", statistic, period, label)

    def metric_duration(
        self, *, statistic: str = "p99", period: Duration | None = None, label: str | None = None
    ) -> cloudwatch.Metric:
        """Seconds from a saga's start to its ending; ``period`` is 5 minutes by default."""
        return self._metric("Duration", statistic, period, label)

    def metric_late(
        self, *, statistic: str = "Maximum", period: Duration | None = None, label: str | None = None
    ) -> cloudwatch.Metric:
        """Unfinished sagas past their deadline or age, at each look; ``period`` is 5 minutes by default."""
        return self._metric("Late", statistic, period, label)

    def metric_compensated_share(
        self, *, least: int = 20, period: Duration | None = None, label: str | None = None
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

    def _on(self, ending: Ending, id: str, target: RuleTarget | None, description: str | None) -> events.Rule:
        return events.Rule(
            self,
            id,
            event_bus=self.bus.event_bus,
            event_pattern=events.EventPattern(source=[f"saga.{self.saga.name}"], detail_type=[ending.event]),
            description=description,
            targets=[cast(events.IRuleTarget, target)] if target else None,
        )

    def _metric(self, name: str, statistic: str, period: Duration | None, label: str | None) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=self.metrics_namespace,
            metric_name=name,
            dimensions_map={"saga": self.saga.name},
            statistic=statistic,
            period=period,
            label=label,
        )
