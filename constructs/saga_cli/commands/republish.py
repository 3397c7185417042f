"""``cdk-saga republish``."""

from typing import Final

from saga_cli.environment import services
from saga_cli.errors import BadRequest, Failed
from saga_cli.options import AsJson, EndedWithin, SagaName, Stack, Stage, age
from saga_cli.output import print_json, say
from saga_cli.targets import find
from saga_runtime import client

MAX_REASONS: Final = 3
"""Reasons that the error quotes; --json has all."""


def republish(
    saga: SagaName, *, ended_within: EndedWithin = "", stage: Stage = "", stack: Stack = "", as_json: AsJson = False
) -> None:
    """Publish again how each saga ended that ended within a period, after messages were lost. Idempotent."""
    within = age(ended_within, "--ended-within")
    if within is None:
        raise BadRequest("republish needs --ended-within and an age, e.g. --ended-within 2h")
    aws = services()
    found = [*client.republish(find(saga, aws, stage=stage, stack=stack), within, services=aws)]
    left = [one for one in found if one.refused]
    if as_json:
        print_json([one.json() for one in found])
    else:
        say(f"{saga}: published again how {len(found) - len(left)} sagas ended")
    if left:
        reasons = "; ".join(f"{one.id}: {one.refused}" for one in left[:MAX_REASONS])
        raise Failed(f"{len(left)} endings were not published: {reasons}{' …' if len(left) > MAX_REASONS else ''}")
