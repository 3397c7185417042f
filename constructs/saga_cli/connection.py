"""The options ``--profile`` and ``--region``, which every command that reaches AWS takes."""

import functools
import inspect
from collections.abc import Callable
from inspect import Parameter
from typing import Annotated, Any, Final

import typer

from saga_cli.environment import chosen

Profile = Annotated[
    str, typer.Option("--profile", metavar="NAME", help="The AWS profile; AWS_PROFILE and credentials by default.")
]
Region = Annotated[str, typer.Option("--region", metavar="NAME", help="The AWS Region; AWS_REGION by default.")]
OPTIONS: Final = {"profile": Profile, "region": Region}
"""By the name of the parameter."""
REACHES_AWS: Final = "stage"
"""The parameter of every command that looks at deployed stacks."""


def with_connection(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options to a command that reaches AWS; any other command stays as it is."""
    signature = inspect.signature(command)
    if REACHES_AWS not in signature.parameters:
        return command

    @functools.wraps(command)
    def connected(*args: Any, profile: str, region: str, **kwargs: Any) -> None:
        with chosen(profile=profile, region=region):
            command(*args, **kwargs)

    added = [Parameter(name, Parameter.KEYWORD_ONLY, default="", annotation=kind) for name, kind in OPTIONS.items()]
    made: Any = connected
    made.__signature__ = signature.replace(parameters=[*signature.parameters.values(), *added])
    made.__annotations__ = {**inspect.unwrap(command).__annotations__, **OPTIONS}
    return connected
