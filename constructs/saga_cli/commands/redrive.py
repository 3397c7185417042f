"""``cdk-saga redrive``."""

from typing import Annotated

import typer

from saga_cli.options import AsJson, SagaName, Stack, Stage
from saga_cli.output import print_json, show
from saga_cli.surroundings import services
from saga_cli.targets import find
from saga_cli.views import letters_view
from saga_runtime import client

Discard = Annotated[
    bool, typer.Option("--discard", help="Delete also what nobody can act on; with --json its body is printed.")
]


def redrive(
    saga: SagaName, *, discard: Discard = False, stage: Stage = "", stack: Stack = "", as_json: AsJson = False
) -> None:
    """Work off a saga's dead-letter queue: resume what is stuck, repeat what was lost. Safe to repeat."""
    aws = services()
    letters = [*client.redrive(find(saga, aws, stage=stage, stack=stack), discard=discard, services=aws)]
    if as_json:
        print_json([letter.json() for letter in letters])
    else:
        show(letters_view(letters))
