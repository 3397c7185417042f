"""``cdk-saga dead-letters``."""

from typing import Annotated

import typer

from saga_cli.environment import services
from saga_cli.options import AsJson, SagaName, Stack, Stage
from saga_cli.output import print_json, show
from saga_cli.targets import find
from saga_cli.views import dead_letters_view
from saga_runtime import client

Limit = Annotated[int, typer.Option("--limit", min=1, help="At most so many.")]


def dead_letters(
    saga: SagaName, *, limit: Limit = 50, stage: Stage = "", stack: Stack = "", as_json: AsJson = False
) -> None:
    """Look at a saga's dead letters and leave them where they are; `redrive` works them off."""
    aws = services()
    dead_letters = client.dead_letters(find(saga, aws, stage=stage, stack=stack), limit=limit, services=aws)
    if as_json:
        print_json([dead_letter.json() for dead_letter in dead_letters])
    else:
        show(dead_letters_view(dead_letters))
