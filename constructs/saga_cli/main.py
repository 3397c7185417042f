"""The command's entry: every module of :mod:`saga_cli.commands` is a subcommand of the same name, ``-`` for ``_``."""

import importlib
import pkgutil
from importlib import metadata
from typing import Annotated

import typer

from saga_cli import commands
from saga_cli.connection import with_connection
from saga_cli.errors import plainly
from saga_cli.output import say

app = typer.Typer(
    name="cdk-saga",
    help="Look at sagas, start them, and help those that need an operator.",
    epilog="AWS is reached by the usual variables, AWS_ENDPOINT_URL among them; `make up` prints the local ones.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:  # noqa: FBT001 # typer's
    if asked:
        say(f"cdk-saga {metadata.version('cdk-saga')}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
]


@app.callback()
def _main(*, version: Version = False) -> None:
    del version  # is printed by its callback


for _module in pkgutil.iter_modules(commands.__path__):
    _function = getattr(importlib.import_module(f"{commands.__name__}.{_module.name}"), _module.name)
    app.command(_module.name.replace("_", "-"))(with_connection(plainly(_function)))
