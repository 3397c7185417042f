"""``cdk-saga forgive``."""

from typing import Annotated

import typer

from saga_cli.options import AsJson, SagaId, SagaName, Stack, Stage
from saga_cli.ordering import ordered
from saga_runtime import client

Step = Annotated[str, typer.Argument(metavar="STEP", help="The step whose compensation is let go.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; the ledger keeps it.")]


def forgive(
    saga: SagaName,
    id: SagaId,
    step: Step,
    *,
    reason: Reason,
    stage: Stage = "",
    stack: Stack = "",
    as_json: AsJson = False,
) -> None:
    """Close by hand the compensation that a saga is stuck at, and let it go on. Safe to repeat."""
    ordered(client.forgive, saga, id, step, reason, stage=stage, stack=stack, as_json=as_json)
