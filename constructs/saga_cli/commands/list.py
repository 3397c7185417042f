"""``cdk-saga list``."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Annotated, Any, Final

import typer

from saga_cli.environment import place, services
from saga_cli.errors import BadRequest
from saga_cli.options import AsJson, EndedWithin, Stack, Stage, age
from saga_cli.output import print_json, say, show
from saga_cli.targets import find, find_all
from saga_cli.views import list_view
from saga_runtime import client
from saga_runtime.client import ListedSaga

PAGE: Final = 50
"""Sagas of each definition that people are shown at once."""

Which = Annotated[str, typer.Argument(metavar="[SAGA]", help="The saga's name; every saga without one.")]
State = Annotated[str, typer.Option("--state", metavar="STATE", help="Only these: STUCK, RUNNING…, or UNFINISHED.")]
Older = Annotated[
    str, typer.Option("--older-than", metavar="AGE", help="Only those started so long ago, e.g. 90s, 15m, 2h or 3d.")
]
Step = Annotated[str, typer.Option("--step", metavar="STEP", help="Only those that stand or failed at this step.")]
Version = Annotated[
    str, typer.Option("--version", metavar="VERSION", help="Only those of this version of the definition.")
]
Limit = Annotated[
    int | None,
    typer.Option("--limit", min=1, help=f"At most so many of each saga; {PAGE} by default, with --json all."),
]
All = Annotated[bool, typer.Option("--all", help="All of them.")]
After = Annotated[
    str, typer.Option("--after", metavar="CURSOR", help="The next page of a saga: as the last page says.")
]


def list(
    saga: Which = "",
    *,
    state: State = "",
    older_than: Older = "",
    ended_within: EndedWithin = "",
    step: Step = "",
    version: Version = "",
    limit: Limit = None,
    every: All = False,
    after: After = "",
    stage: Stage = "",
    stack: Stack = "",
    as_json: AsJson = False,
) -> None:
    """List sagas, newest first."""
    if after and not saga:
        raise BadRequest("--after needs the saga's name: a cursor is one saga's")
    most = None if every or (as_json and limit is None) else limit or PAGE
    aws = services()
    if saga:
        targets = [find(saga, aws, stage=stage, stack=stack)]
    else:
        targets = find_all(aws, stage=stage, stack=stack)
        targets = [one for one in targets if not step or step in one.steps] or targets
    filters: dict[str, Any] = {"state": state.upper() or None, "older_than": age(older_than, "--older-than") or 0}
    filters |= {"ended_within": age(ended_within, "--ended-within"), "step": step or None, "version": version or None}
    filters |= {"after": after, "services": aws}
    pages = [_page(client.list_sagas(target, **filters), most) for target in targets]
    found = sorted((one for page, _ in pages for one in page), key=lambda one: one.position)
    if as_json:
        print_json([one.json() for one in found])
    else:
        show(list_view(found, place(aws, stage=stage, stack=stack)))
    for page, more in pages:
        if more:
            last = page[-1]
            say(
                f"There are more of {last.saga}: --limit, --all, or `--after {last.cursor}` for the next page.",
                err=True,
            )


def _page(found: Iterator[ListedSaga], most: int | None) -> tuple[Sequence[ListedSaga], bool]:
    """The first so many, and whether there are more."""
    page = [*islice(found, most)]
    return page, most is not None and next(found, None) is not None
