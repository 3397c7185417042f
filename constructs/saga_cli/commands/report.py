"""``cdk-saga report``."""

import time

from saga_cli.definitions import load
from saga_cli.environment import services
from saga_cli.errors import console_extra
from saga_cli.options import Drawn, Output, SagaId, SagaName, Stack, Stage
from saga_cli.output import say, write_private
from saga_cli.targets import find
from saga_runtime import client


def report(
    saga: SagaName, id: SagaId, *, output: Output = None, definition: Drawn = None, stage: Stage = "", stack: Stack = ""
) -> None:
    """Write one saga as an HTML file that needs nothing else: for a ticket, or a build's results."""
    with console_extra():
        from saga_cli.console.pages import saga_page  # noqa: PLC0415 # an extra, and may be missing
    definitions = [load(path) for path in definition or ()]
    aws = services()
    target = find(saga, aws, stage=stage, stack=stack)
    document = saga_page(target, client.status(target, id, services=aws), definitions, time.time())
    if output:
        write_private(output, document)
        say(f"wrote {output}")
    else:
        say(document, nl=False)
