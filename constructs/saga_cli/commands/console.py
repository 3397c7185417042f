"""``cdk-saga console``."""

import socket
from typing import Annotated, Final

import typer

from saga_cli.definitions import load
from saga_cli.errors import Failed, console_extra
from saga_cli.options import Drawn, Stack, Stage
from saga_cli.output import say

HOST: Final = "127.0.0.1"
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Where to listen; any free one by default.")]


def console(*, definition: Drawn = None, port: Port = 0, stage: Stage = "", stack: Stack = "") -> None:
    """Look at sagas in a browser, and give them orders there; only this machine is answered."""
    with console_extra():
        import uvicorn  # noqa: PLC0415 # an extra, and may be missing

        from saga_cli.console.app import Console  # noqa: PLC0415
        from saga_cli.console.session import Session  # noqa: PLC0415
    definitions = [load(path) for path in definition or ()]
    made = Console(Session(stage=stage, stack=stack), definitions)
    try:
        listening = socket.create_server((HOST, port))
    except OSError as error:
        raise Failed(f"--port {port}: {error.strerror}; choose another, or leave it out for any free one") from error
    say(f"http://{HOST}:{listening.getsockname()[1]}{made.root}/ shows the sagas; Ctrl-C ends it")
    config = uvicorn.Config(made.app, log_level="warning", proxy_headers=False, server_header=False)
    uvicorn.Server(config).run(sockets=[listening])
