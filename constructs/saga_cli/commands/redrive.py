"""``cdk-saga redrive``."""

from typing import Annotated

import typer

from saga_cli.environment import services
from saga_cli.options import AsJson, SagaName, Stack, Stage
from saga_cli.output import print_json, show
from saga_cli.targets import find
from saga_cli.views import redriven_view
from saga_runtime import client

Discard = Annotated[
    bool,
    typer.Option(
        "--discard", help="Delete also messages that cannot be processed; with --json their bodies are printed."
    ),
]


def redrive(
    saga: SagaName, *, discard: Discard = False, stage: Stage = "", stack: Stack = "", as_json: AsJson = False
) -> None:
    """Work off a saga's dead-letter queue: resume what is stuck, repeat what was lost. Idempotent."""
    aws = services()
    dead_letters = [*client.redrive(find(saga, aws, stage=stage, stack=stack), discard=discard, services=aws)]
    if as_json:
        print_json([dead_letter.json() for dead_letter in dead_letters])
    else:
        show(redriven_view(dead_letters))
