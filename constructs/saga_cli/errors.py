"""What goes wrong, in one plain line on stderr: status 2 for what is asked wrongly or refused, 1 for what fails."""

import functools
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final, ParamSpec

import typer
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
)

from cdk_saga import DefinitionError
from saga_cli.output import say
from saga_runtime import BadCommand, Busy, InputMismatch
from saga_runtime.client import OperationRefused, RecoveryFailed, SagaUnknown

P = ParamSpec("P")


class BadRequest(Exception):
    """Something asked for that cannot be done: the text shows the value, what is possible and what to do."""


class Failed(Exception):
    """Something that could have worked did not: the text says what, and what to do."""


REFUSED: Final = (BadRequest, BadCommand, DefinitionError, InputMismatch, OperationRefused, SagaUnknown)
FAILED: Final = (Failed, Busy, RecoveryFailed, BotoCoreError, ClientError, OSError)
ADVICE: Final[dict[type[Exception], str]] = {
    NoRegionError: "Say where the sagas are: --region or --profile, AWS_REGION or AWS_PROFILE.",
    NoCredentialsError: "Log in to the account where the sagas are, or name it by --profile or AWS_PROFILE.",
    EndpointConnectionError: "Nothing answers there; if it was a local AWS, it has ended.",
}
"""What botocore leaves to be guessed."""


def plainly(command: Callable[P, None]) -> Callable[P, None]:
    """The command, with the errors that its user can do something about as one line and an exit status."""

    @functools.wraps(command)
    def plain(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except REFUSED as error:
            raise _said(error, status=2) from error
        except FAILED as error:
            raise _said(error, status=1) from error

    return plain


@contextmanager
def console_extra() -> Generator[None]:
    """Around the imports of what only the console and its reports need."""
    try:
        yield
    except ModuleNotFoundError as missing:
        raise BadRequest(
            f"{missing}; this command needs its extra: install the wheel as cdk-saga[console]"
        ) from missing


def _said(error: Exception, *, status: int) -> typer.Exit:
    advice = ADVICE.get(type(error))
    told = f"{str(error).rstrip('.')}. {advice}" if advice else str(error)
    say(f"cdk-saga: {' '.join(told.split())}", err=True)
    return typer.Exit(status)
