"""``cdk-saga reject``."""

from typing import Annotated, Any

import typer

from saga_cli.control import operate
from saga_cli.options import AsJson, SagaId, SagaName, Stack, Stage, WaitingStep
from saga_runtime import client

Reason = Annotated[str, typer.Option("--reason", help="Why; it is what the saga failed for.")]


def reject(
    saga: SagaName,
    id: SagaId,
    step: WaitingStep,
    *,
    reason: Reason,
    stage: Stage = "",
    stack: Stack = "",
    as_json: AsJson = False,
) -> None:
    """Answer no to a step that waits for a callback: the saga is compensated. Idempotent, as the other answer."""
    operate(_reject, saga, id, step, reason, stage=stage, stack=stack, as_json=as_json)


def _reject(target: client.Target, id: str, step: str, reason: str, **aws: Any) -> str:
    return client.reject(target, f"{target.name}.{id}.{step}", reason, **aws)
