"""Structured logs and metrics, the same fields everywhere; identifiers only, never payloads."""

import functools

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit

from saga_runtime.command import Command

NAMESPACE = "Saga"


@functools.cache
def logger() -> Logger:
    """The function's logger; the level and service come from Powertools' environment variables."""
    return Logger(serialize_stacktrace=False)


def outcome(command: Command, word: str, error: BaseException | None = None) -> None:
    """Log how one delivery of a command went.

    Args:
        command: what was asked.
        word: ``succeeded``, ``rejected``, ``unknown``, ``compensated``, ``fenced``, ``busy`` or ``refused``.
        error: why, when it went wrong.
    """
    fields = {**about(command), "outcome": word}
    if error is None:
        logger().info(word, extra=fields)
    elif word == "unknown":
        logger().error(word, extra=fields, exc_info=error)
    else:
        logger().warning(word, extra={**fields, "error": type(error).__name__, "reason": str(error)})


def ended(command: Command, ending: str) -> None:
    """Count an ending: metrics ``Completed``, ``Compensated``, ``Stuck`` in namespace ``Saga``, dimension ``saga``."""
    with single_metric(name=ending.capitalize(), unit=MetricUnit.Count, value=1, namespace=NAMESPACE) as metric:
        metric.service = ""  # Powertools would add it as a dimension, and the alarms ask for the saga alone
        metric.add_dimension(name="saga", value=command.saga_name)
    logger().info("saga ended", extra={**about(command), "ending": ending})


def about(command: Command) -> dict[str, str | int]:
    """The fields that identify a delivery."""
    return {
        "saga": command.saga_name,
        "saga_id": command.saga_id,
        "saga_version": command.saga_version,
        "step": command.step,
        "operation": command.operation,
        "attempt": command.attempt,
    }
