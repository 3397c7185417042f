"""The options and arguments that commands share, so that each is called and explained the same everywhere."""

from typing import Annotated

import typer

SagaName = Annotated[str, typer.Argument(metavar="SAGA", help="The saga's name, e.g. trip.")]
SagaId = Annotated[str, typer.Argument(metavar="ID", help="Which saga: the id it was started with, e.g. trip-8842.")]
Stage = Annotated[
    str,
    typer.Option("--stage", metavar="NAME", envvar="CDK_SAGA_STAGE", help="Only stacks of this environment, e.g. dev."),
]
Stack = Annotated[
    str, typer.Option("--stack", metavar="NAME", help="Only the stack of this name; * and ? are wildcards.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
DefinitionPath = Annotated[
    str,
    typer.Argument(metavar="MODULE:SAGA", help="A definition: a module and the name in it, e.g. stacks.trip:trip."),
]
