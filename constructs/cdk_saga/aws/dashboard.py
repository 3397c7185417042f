"""One dashboard an environment: how its sagas fare, and what they stand on. Plain JSON, one resource."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, cast

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from cdk_saga.aws.alarms import alarm_on_any, described
from cdk_saga.aws.errors import WiringError
from cdk_saga.aws.ledger import ILedger
from cdk_saga.aws.saga import SagaBase
from cdk_saga.aws.watchdog import MISSING
from cdk_saga.aws.wiring import AnyFunction
from cdk_saga.limits import ALARMS_SHOWN, METRICS_OF_A_DASHBOARD, METRICS_OF_AN_ALARM, METRICS_SHOWN, SEARCH

Json = dict[str, Any]
Row = list[Json]
WIDTH: Final = 24
"""Columns of a CloudWatch dashboard."""
HEIGHT: Final = 6


class SagaDashboard(Construct):
    """What the person on call looks at, and alarms on throttles.

    From above: alarms, endings of each saga, what was compensated or stuck at which step and why, attempts, late sagas,
    then functions and ledger. Steps and reasons are found by search, so a new step needs no new dashboard.

    In a stack of its own let that stack refer to the others weakly, or none of them can be deleted before it:
    ``CrossStackReferences.of(stack).consume(ReferenceStrength.WEAK)``, before anything is put into it.

    Args:
        sagas: those of the environment.
        ledger: theirs.
        functions: the participants' functions; the recovery functions come by themselves.
        alarms: further ones to show.
        alarm_actions: what the alarms on throttles do.

    Attributes:
        dashboard: the dashboard.
        alarms: on throttled functions, ten functions each, and on the throttled ledger.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        sagas: Sequence[SagaBase],
        ledger: ILedger,
        functions: Sequence[AnyFunction],
        alarms: Sequence[cloudwatch.IAlarm] = (),
        alarm_actions: Sequence[cloudwatch.IAlarmAction] = (),
    ) -> None:
        super().__init__(scope, id)
        everyone = [*functions, *(saga.recovery for saga in sagas)]
        names = [function.function_name for function in everyone]
        table = ledger.table.table_name
        self.alarms = (*self._throttled(names, alarm_actions), self._throttled_ledger(table, alarm_actions))
        shown = [*(alarm for saga in sagas for alarm in saga.alarms), *alarms, *self.alarms]
        widgets = Widgets(Stack.of(self).region)
        rows = [
            *([widgets.alarms(arns)] for arns in divided([alarm.alarm_arn for alarm in shown], ALARMS_SHOWN.most)),
            *(widgets.of_saga(saga) for saga in sagas),
            widgets.reasons(sagas),
            *(widgets.of_functions(some) for some in divided(names, METRICS_SHOWN.most)),
            widgets.of_ledger(table),
        ]
        number = sum(len(widget["properties"].get("metrics", ())) for row in rows for widget in row)
        cure = f"it shows {len(sagas)} sagas and {len(names)} functions: make two dashboards of it"
        METRICS_OF_A_DASHBOARD.check(number, self.node.path, cure, WiringError)
        body = Stack.of(self).to_json_string({"widgets": list(placed(rows))})
        self.dashboard = cloudwatch.CfnDashboard(self, "Dashboard", dashboard_body=body)

    def _throttled(self, names: Sequence[str], actions: Sequence[cloudwatch.IAlarmAction]) -> list[cloudwatch.Alarm]:
        chunks = divided(names, METRICS_OF_AN_ALARM.most)
        what = "functions of sagas are throttled: they wait for concurrency"
        text = described(self, what, "Raise the concurrency, or start fewer sagas at a time", "throttles")
        return [
            self._sum_alarm(
                f"FunctionsThrottled{n}",
                text,
                actions,
                [_metric("AWS/Lambda", "Throttles", FunctionName=name) for name in chunk],
            )
            for n, chunk in enumerate(chunks, 1)
        ]

    def _throttled_ledger(self, table: str, actions: Sequence[cloudwatch.IAlarmAction]) -> cloudwatch.Alarm:
        kinds = ("WriteThrottleEvents", "ReadThrottleEvents")
        metrics = [_metric("AWS/DynamoDB", kind, TableName=table) for kind in kinds]
        what = "the ledger is throttled: sagas go slower than they come"
        text = described(
            self, what, "It scales by itself within minutes; else start fewer sagas at a time", "throttles"
        )
        return self._sum_alarm("LedgerThrottled", text, actions, metrics)

    def _sum_alarm(
        self, id: str, text: str, actions: Sequence[cloudwatch.IAlarmAction], metrics: Sequence[cloudwatch.Metric]
    ) -> cloudwatch.Alarm:
        used = {f"m{n}": cast(cloudwatch.IMetric, metric) for n, metric in enumerate(metrics)}
        total = cloudwatch.MathExpression(expression="SUM(METRICS())", using_metrics=used, period=Duration.minutes(5))
        metric = cast(cloudwatch.IMetric, total)
        return alarm_on_any(self, id, metric=metric, description=text, actions=actions, periods=3)


class Widgets:
    """Widgets in CloudWatch's JSON.

    Args:
        region: of the metrics.
    """

    def __init__(self, region: str) -> None:
        self._region = region

    def alarms(self, arns: Sequence[str]) -> Json:
        """The state of all alarms."""
        return {"type": "alarm", "properties": {"title": "Alarms", "alarms": list(arns)}}

    def of_saga(self, saga: SagaBase) -> Row:
        """How one saga fares: starts and endings, time to the ending, and how it is looked after."""
        name, namespace = saga.saga.name, saga.metrics_namespace
        counts = [[namespace, kind, "saga", name] for kind in ("Started", "Completed", "Compensated", "Stuck")]
        times = [[namespace, "Duration", "saga", name, {"stat": stat}] for stat in ("p50", "p95", "p99")]
        watch = [[namespace, kind, "saga", name, {"stat": "Maximum"}] for kind in ("Late", "TakenOver")]
        return [
            self._graph(f"{name} ({saga.style}): sagas", counts),
            self._graph(f"{name}: seconds to the ending", times),
            self._graph(f"{name}: late, and taken over", watch),
        ]

    def reasons(self, sagas: Sequence[SagaBase]) -> Row:
        """Where and why sagas did not complete, where it took several attempts, and which versions are missing."""
        return [
            self._search("Compensated, by step and reason", sagas, "step,reason", "Compensated", "Sum"),
            self._search("Stuck, by step", sagas, "step,reason", "Stuck", "Sum"),
            self._search("Attempts, where one was not enough", sagas, "step", "Attempts", "Maximum"),
            self._search(MISSING, sagas, "version", "MissingVersion", "Maximum"),
        ]

    def of_functions(self, names: Sequence[str]) -> Row:
        """Errors, throttles and time of the functions."""
        shown = (("Errors", "Sum"), ("Throttles", "Sum"), ("Duration", "p99"))
        return [
            self._graph(
                f"Functions: {kind}", [["AWS/Lambda", kind, "FunctionName", name, {"stat": stat}] for name in names]
            )
            for kind, stat in shown
        ]

    def of_ledger(self, table: str) -> Row:
        """Use and throttles of the ledger."""
        used, throttled = (
            ("ConsumedWriteCapacityUnits", "ConsumedReadCapacityUnits"),
            ("WriteThrottleEvents", "ReadThrottleEvents"),
        )
        return [
            self._graph(f"Ledger: {title}", [["AWS/DynamoDB", kind, "TableName", table] for kind in kinds])
            for title, kinds in (("capacity used", used), ("throttles", throttled))
        ]

    def _graph(self, title: str, metrics: Sequence[Any]) -> Json:
        settings = {"stat": "Sum", "period": 300, "view": "timeSeries", "region": self._region}
        return {"type": "metric", "properties": {"title": title, "metrics": list(metrics), **settings}}

    def _search(self, title: str, sagas: Sequence[SagaBase], by: str, metric: str, statistic: str) -> Json:
        def search(namespace: str, names: Sequence[str]) -> str:
            ours = " OR ".join(f'saga="{name}"' for name in names)
            return f"""SEARCH('{{"{namespace}",saga,{by}}} ({ours}) MetricName="{metric}"', '{statistic}', 300)"""

        searches: list[str] = []
        for namespace in sorted({saga.metrics_namespace for saga in sagas}):
            names: list[str] = []
            for name in (saga.saga.name for saga in sagas if saga.metrics_namespace == namespace):
                if names and len(search(namespace, [*names, name])) > SEARCH.most:
                    searches.append(search(namespace, names))
                    names = []
                names.append(name)
            searches.append(search(namespace, names))
        return self._graph(title, [[{"expression": one}] for one in searches])


def divided(values: Sequence[str], most: int) -> list[Sequence[str]]:
    """``values`` in lists of ``most`` at most."""
    return [values[i : i + most] for i in range(0, len(values), most)]


def placed(rows: Sequence[Row]) -> Iterator[Json]:
    """The widgets of all rows with their places; those of one row share its width."""
    for y, row in enumerate(rows):
        width = WIDTH // len(row)
        for n, widget in enumerate(row):
            yield {"x": n * width, "y": y * HEIGHT, "width": width, "height": HEIGHT, **widget}


def _metric(namespace: str, name: str, **dimensions: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(namespace=namespace, metric_name=name, dimensions_map=dimensions, statistic="Sum")
