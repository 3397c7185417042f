"""``cdk-saga cancel``."""

from functools import partial
from typing import Annotated

import typer

from saga_cli.control import operate
from saga_cli.options import AsJson, SagaId, SagaName, Stack, Stage
from saga_runtime import client

Ahead = Annotated[
    bool, typer.Option("--ahead", help="Also one that is unknown: it never begins, and its id is used up.")
]


def cancel(
    saga: SagaName, id: SagaId, *, ahead: Ahead = False, stage: Stage = "", stack: Stack = "", as_json: AsJson = False
) -> None:
    """Abort a saga: no new step begins, and what happened is undone. Idempotent."""
    operate(partial(client.cancel, ahead=ahead), saga, id, stage=stage, stack=stack, as_json=as_json)
