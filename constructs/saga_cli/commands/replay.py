"""``cdk-saga replay``."""

from typing import Annotated, Final

import typer

from saga_cli.errors import BadRequest, Failed
from saga_cli.options import AsJson, EndedWithin, SagaName, Stack, Stage, age
from saga_cli.ordering import ordered
from saga_cli.output import print_json, say
from saga_cli.surroundings import services
from saga_cli.targets import find
from saga_runtime import client

Which = Annotated[str, typer.Argument(metavar="[ID]", help="Which saga; instead of it, --ended-within.")]

MOST_REASONS: Final = 3
"""Reasons that the error quotes; --json has all."""


def replay(
    saga: SagaName,
    id: Which = "",
    *,
    ended_within: EndedWithin = "",
    stage: Stage = "",
    stack: Stack = "",
    as_json: AsJson = False,
) -> None:
    """Set a saga that hangs in motion again: the step it waits at is asked once more. Safe to repeat.

    Of a saga that has ended the bus is told once more how; with --ended-within of each that ended in that time, for
    when messages were lost.
    """
    within = age(ended_within, "--ended-within")
    if (within is None) is (not id):
        raise BadRequest("replay needs either an ID, or --ended-within and an age, e.g. --ended-within 2h")
    if within is None:
        return ordered(client.replay, saga, id, stage=stage, stack=stack, as_json=as_json)
    aws = services()
    found = [*client.replay_ended(find(saga, aws, stage=stage, stack=stack), within, services=aws)]
    left = [one for one in found if one.refused]
    if as_json:
        print_json([one.json() for one in found])
    else:
        say(f"{saga}: told again how {len(found) - len(left)} sagas ended")
    if left:
        reasons = "; ".join(f"{one.id}: {one.refused}" for one in left[:MOST_REASONS])
        raise Failed(f"{len(left)} endings were not told: {reasons}{' …' if len(left) > MOST_REASONS else ''}")
    return None
