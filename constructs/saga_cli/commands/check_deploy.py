"""``cdk-saga check-deploy``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from saga_cli.assemblies import Assembly, read
from saga_cli.environment import services
from saga_cli.options import AsJson, Stack, Stage
from saga_cli.output import print_json, say
from saga_cli.targets import Deployed, deployed
from saga_runtime import client
from saga_runtime.client.listing import UNFINISHED, ListedSaga
from saga_runtime.services import Services

Folder = Annotated[Path, typer.Argument(metavar="[CDK_OUT]", help="What `cdk synth` has written.")]


def check_deploy(
    cdk_out: Folder = Path("cdk.out"), *, stage: Stage = "", stack: Stack = "", as_json: AsJson = False
) -> None:
    """Name the sagas under way that a deployment would drop; status 1 if there are any. Changes nothing."""
    aws, assembly = services(), read(cdk_out)
    there = deployed(aws.client("cloudformation"), stage=stage, stack=stack)
    found = [(saga, why) for one in there if one.stack in assembly.stacks for saga, why in _dropped(one, assembly, aws)]
    if as_json:
        print_json([{**saga.json(), "why": why} for saga, why in found])
    else:
        for saga, why in found:
            say(f"{saga.saga} {saga.id} ({saga.words}, version {saga.version}): {why}")
        if not found:
            say("every saga under way goes on after this deployment")
    if found:
        raise typer.Exit(1)


def _dropped(one: Deployed, assembly: Assembly, aws: Services) -> Iterator[tuple[ListedSaga, str]]:
    planned, name = assembly.find(one.stack, one.target.name), one.target.name
    for saga in client.list_sagas(one.target, state=UNFINISHED, services=aws):
        if planned is None:
            other = assembly.elsewhere(one.stack, name)
            where = f"moves to stack {other}" if other else "is removed"
            yield saga, f"saga {name!r} {where}: wait until none is under way"
        elif planned.style != one.target.style:
            yield (
                saga,
                f"the style changes to {planned.style}: wait until none is under way, or deploy it beside this one",
            )
        elif saga.version not in planned.versions:
            yield saga, "its version is not deployed any more: keep that definition in previous_versions=[…]"
