"""``cdk-saga limits``."""

from typing import Annotated

import typer

from cdk_saga.cost import Assumptions
from saga_cli.definitions import load
from saga_cli.options import AsJson, DefinitionPath
from saga_cli.output import print_json, say

Rate = Annotated[float, typer.Option(min=0.001, help="Sagas that start a second.")]
OfRegion = Annotated[str, typer.Option("--region", help="An AWS Region: its default quotas.")]
Milliseconds = Annotated[int, typer.Option(min=1, max=900_000, help="How long an invocation takes.")]


def limits(
    definition: DefinitionPath,
    *,
    rate: Rate = 100.0,
    region: OfRegion = "us-east-1",
    milliseconds: Milliseconds = 100,
    as_json: AsJson = False,
) -> None:
    """Name the quotas that stop many sagas at once, in either style, the nearest first."""
    from saga_cli.walls import walls  # noqa: PLC0415 # the simulator is needed here and for costs alone

    saga, given = load(definition), Assumptions(milliseconds=milliseconds)
    found = {style: walls(saga, style, region, given) for style in ("orchestrated", "choreographed")}
    if as_json:
        print_json(
            {
                style: [{**wall._asdict(), "binds_at": wall.binds_at, "used": rate / wall.binds_at} for wall in own]
                for style, own in found.items()
            }
        )
        return
    say(f"{saga.name}: default quotas in {region}, at {rate:,g} sagas a second\n")
    for style, own in found.items():
        say(f"{style:<40}  {'default':>9}  {'binds at, a second':>18}  {'used':>7}")
        for wall in own:
            say(f"  {wall.what:<38}  {wall.default:>9,}  {wall.binds_at:>18,.1f}  {rate / wall.binds_at:>7.0%}")
