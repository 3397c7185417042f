"""``cdk-saga skip``."""

from typing import Annotated

import typer

from saga_cli.control import operate
from saga_cli.options import AsJson, SagaId, SagaName, Stack, Stage
from saga_runtime import client

Step = Annotated[str, typer.Argument(metavar="STEP", help="The step whose compensation is let go.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; the ledger keeps it.")]


def skip(
    saga: SagaName,
    id: SagaId,
    step: Step,
    *,
    reason: Reason,
    stage: Stage = "",
    stack: Stack = "",
    as_json: AsJson = False,
) -> None:
    """Close by hand the compensation that a saga is stuck at, and let it go on. Idempotent."""
    operate(client.skip, saga, id, step, reason, stage=stage, stack=stack, as_json=as_json)
