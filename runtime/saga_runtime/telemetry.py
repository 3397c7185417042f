"""Structured logs and metrics, the same fields everywhere; identifiers only, never payloads.

Metrics are printed in CloudWatch's embedded format, namespace ``Saga`` or that of
``POWERTOOLS_METRICS_NAMESPACE``. An id is never a dimension: each new set of values is a metric of its own, and
CloudWatch charges for each. A happy saga whose steps succeed at once prints two.
"""

import functools
import os
from collections.abc import Mapping
from typing import Any, Final

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from saga_runtime.command import Command
from saga_runtime.refusals import for_logs

NAMESPACE: Final = "Saga"
NOT_BEGUN: Final = ("fenced", "refused")
"""How a delivery ends that is of no saga, or comes after its end."""
ABORTED: Final = ("SagaFenced", "Ordered")
"""The errors of who was aborted, by an order or by the watchdog, and did not fail by itself."""

_NONE: Final[Mapping[str, int]] = {}

Json = dict[str, Any]
Values = Mapping[str, tuple[MetricUnit, float]]


@functools.cache
def logger() -> Logger:
    """The function's logger; the level and service come from Powertools' environment variables."""
    return Logger(serialize_stacktrace=False)


def outcome(command: Command, word: str, error: BaseException | None = None) -> None:
    """Log how one delivery of a command went, and count what is worth it.

    ``Started``, by saga, is counted at the first delivery of a saga's first task; ``Attempts``, by saga and step, from
    the second on: that a first attempt was made is no news.

    Args:
        command: what was asked.
        word: ``succeeded``, ``rejected``, ``unknown``, ``compensated``, ``fenced``, ``busy`` or ``refused``.
        error: why, when it went wrong.
    """
    fields = {**about(command), "outcome": word}
    if error is None:
        logger().info(word, extra=fields)
    elif word == "unknown" and for_logs(error) == str(error):
        logger().error(word, extra=fields, exc_info=error)
    else:
        logger().warning(word, extra={**fields, "error": type(error).__name__, "reason": for_logs(error)})
    if command.attempt > 1:
        by_step = {"saga": command.saga_name, "step": command.step}
        _measure({"Attempts": (MetricUnit.Count, command.attempt)}, by_step)
    elif command.starts_saga and command.delivery == 1 and word not in NOT_BEGUN:
        _measure({"Started": (MetricUnit.Count, 1)}, {"saga": command.saga_name})


def ended(command: Command, ending: str, failure: Json | None, at: float) -> None:
    """Count an ending: ``Completed``, ``Compensated`` or ``Stuck`` and ``Duration`` by saga.

    What did not complete is counted again by saga, step and reason: ``rejected``, ``deadline``, ``unknown``,
    ``aborted`` (by an order or by the watchdog) or ``stuck``.
    """
    count: Values = {ending.capitalize(): (MetricUnit.Count, 1)}
    duration = (MetricUnit.Seconds, max(0.0, at - command.started))
    _measure({**count, "Duration": duration}, {"saga": command.saga_name})
    fields = {**about(command), "ending": ending, "seconds": round(duration[1], 3)}
    if failure:
        why = {"step": str(failure.get("step", command.step)), "reason": _reason(failure)}
        _measure(count, {"saga": command.saga_name, **why})
        fields["reason"] = why["reason"]
    logger().info("saga ended", extra=fields)


def watched(saga: str, late: int, taken_over: int, missing: Mapping[str, int] = _NONE) -> None:
    """Count what the watchdog found: ``Late`` at every look, ``TakenOver`` when there are any.

    ``MissingVersion`` is counted by saga and version: unfinished sagas of a definition that is not deployed.
    """
    for version, sagas in missing.items():
        _measure({"MissingVersion": (MetricUnit.Count, sagas)}, {"saga": saga, "version": version})
    found: Values = {"TakenOver": (MetricUnit.Count, taken_over)} if taken_over else {}
    _measure({"Late": (MetricUnit.Count, late), **found}, {"saga": saga})


def about(command: Command) -> dict[str, str | int | float]:
    """The fields that identify a delivery."""
    return {
        "saga": command.saga_name,
        "saga_id": command.saga_id,
        "saga_version": command.saga_version,
        "step": command.step,
        "operation": command.operation,
        "attempt": command.attempt,
    }


@functools.cache
def _metrics(namespace: str) -> EphemeralMetrics:
    """Made once: making it takes longer than printing a metric."""
    metrics = EphemeralMetrics(namespace=namespace)
    metrics.service = ""  # Powertools would add it as a dimension, and the alarms ask for the saga alone
    return metrics


def _measure(values: Values, dimensions: Mapping[str, str]) -> None:
    metrics = _metrics(os.environ.get("POWERTOOLS_METRICS_NAMESPACE", NAMESPACE))
    metrics.clear_metrics()  # where POWERTOOLS_METRICS_DISABLED is set, flushing does not
    for name, (unit, value) in values.items():
        metrics.add_metric(name=name, unit=unit, value=value)
    for name, value in dimensions.items():
        metrics.add_dimension(name=name, value=value)
    metrics.flush_metrics()


def _reason(failure: Json) -> str:
    """Why, in one of five words: what people look at is a dimension, and every word of it costs."""
    if failure.get("Error") in ABORTED:
        return "aborted"
    if failure.get("outcome") == "rejected" and str(failure.get("Cause", "")).startswith("deadline:"):
        return "deadline"
    return str(failure.get("outcome", "unknown"))
