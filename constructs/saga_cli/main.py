"""The command's entry: every module of :mod:`saga_cli.commands` is a subcommand of the same name, ``-`` for ``_``."""

import importlib
import pkgutil

import typer

from saga_cli import commands
from saga_cli.errors import plainly

app = typer.Typer(
    name="cdk-saga",
    help="Look at sagas, start them, and help those that need an operator.",
    epilog="AWS is reached by the usual variables, AWS_ENDPOINT_URL among them; `make up` prints the local ones.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

for _module in pkgutil.iter_modules(commands.__path__):
    _function = getattr(importlib.import_module(f"{commands.__name__}.{_module.name}"), _module.name)
    app.command(_module.name.replace("_", "-"))(plainly(_function))
