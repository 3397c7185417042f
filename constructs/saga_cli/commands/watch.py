"""``cdk-saga watch``."""

import time
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.live import Live

from saga_cli.environment import services
from saga_cli.options import SagaId, SagaName, Stack, Stage
from saga_cli.output import console
from saga_cli.targets import find
from saga_cli.views import saga_view
from saga_runtime import client
from saga_runtime.client import Status, Target
from saga_runtime.services import Services

Every = Annotated[float, typer.Option("--every", min=0.1, metavar="SECONDS", help="How often to look.")]


def watch(saga: SagaName, id: SagaId, *, every: Every = 1.0, stage: Stage = "", stack: Stack = "") -> None:
    """Show one saga as it goes on, until it has ended or needs an operator."""
    aws = services()
    target = find(saga, aws, stage=stage, stack=stack)
    out = console()
    with Live(console=out, auto_refresh=False) as live:
        for seen in _looks(target, id, aws, every):
            live.update(saga_view(seen), refresh=True)
    if not out.is_terminal:
        out.print()  # in a file or a pipe Live shows the last look only, and leaves its line open


def _looks(target: Target, saga_id: str, aws: Services, every: float) -> Iterator[Status]:
    while True:
        seen = client.status(target, saga_id, services=aws)
        yield seen
        if seen.ended is not None or seen.state == "STUCK":
            return
        time.sleep(every)
