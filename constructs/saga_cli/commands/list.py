"""``cdk-saga list``."""

from itertools import islice
from typing import Annotated, Any

import typer

from saga_cli.environment import services
from saga_cli.options import AsJson, EndedWithin, Stack, Stage, age
from saga_cli.output import print_json, show
from saga_cli.targets import deployed, find
from saga_cli.views import list_view
from saga_runtime import client

Which = Annotated[str, typer.Argument(metavar="[SAGA]", help="The saga's name; every saga without one.")]
State = Annotated[str, typer.Option("--state", metavar="STATE", help="Only these: STUCK, RUNNING…, or UNFINISHED.")]
Older = Annotated[
    str, typer.Option("--older-than", metavar="AGE", help="Only those started so long ago, e.g. 90s, 15m, 2h or 3d.")
]
Step = Annotated[str, typer.Option("--step", metavar="STEP", help="Only those that stand or failed at this step.")]
Version = Annotated[
    str, typer.Option("--version", metavar="VERSION", help="Only those of this version of the definition.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, help="At most so many of each saga.")]


def list(
    saga: Which = "",
    *,
    state: State = "",
    older_than: Older = "",
    ended_within: EndedWithin = "",
    step: Step = "",
    version: Version = "",
    limit: Limit = 50,
    stage: Stage = "",
    stack: Stack = "",
    as_json: AsJson = False,
) -> None:
    """List sagas, newest first."""
    aws = services()
    if saga:
        targets = [find(saga, aws, stage=stage, stack=stack)]
    else:
        targets = [one.target for one in deployed(aws.client("cloudformation"), stage=stage, stack=stack)]
        targets = [one for one in targets if not step or step in one.steps] or targets
    filters: dict[str, Any] = {"state": state.upper() or None, "older_than": age(older_than, "--older-than") or 0}
    filters |= {"ended_within": age(ended_within, "--ended-within"), "step": step or None, "version": version or None}
    found = [one for target in targets for one in islice(client.list_sagas(target, **filters, services=aws), limit)]
    if as_json:
        print_json([one.json() for one in found])
    else:
        show(list_view(found))
