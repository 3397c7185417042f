"""``cdk-saga start``."""

import secrets
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from botocore.exceptions import ClientError

from saga_cli.environment import services
from saga_cli.errors import BadRequest
from saga_cli.local import prepared
from saga_cli.options import AsJson, SagaName, Stack, Stage, json_object, text_of
from saga_cli.output import print_json, say
from saga_cli.targets import find
from saga_runtime import client
from saga_runtime.client import SagaUnknown, Target
from saga_runtime.envelope import checked_id
from saga_runtime.services import Services

Id = Annotated[str, typer.Argument(metavar="[ID]", help="Your own key, e.g. an order number; made up without one.")]
Given = Annotated[
    str, typer.Option("--input", metavar="JSON", help="Its input: a JSON object, @FILE with one, or - for stdin.")
]
Fail = Annotated[str, typer.Option("--fail", metavar="STEP", help="Locally: this step is rejected.")]
Timeout = Annotated[str, typer.Option("--timeout", metavar="STEP", help="Locally: this step never answers.")]
Crash = Annotated[
    str, typer.Option("--crash-after", metavar="STEP", help="Locally: this step's function dies when all is done.")
]
Duplicate = Annotated[bool, typer.Option("--duplicate", help="Locally: everything is delivered twice.")]


def start(
    saga: SagaName,
    id: Id = "",
    *,
    given: Given = "",
    fail: Fail = "",
    timeout: Timeout = "",
    crash_after: Crash = "",
    duplicate: Duplicate = False,
    stage: Stage = "",
    stack: Stack = "",
    as_json: AsJson = False,
) -> None:
    """Start a saga. The same id with the same input is the same saga; with another input it is refused."""
    aws, value = services(), _parsed(given) if given else None
    target = find(saga, aws, stage=stage, stack=stack)
    id = checked_id(id or f"{saga}-{secrets.token_hex(4)}")
    trouble = {"fail": fail, "timeout": timeout, "crash_after": crash_after, "duplicate": duplicate}
    usual = prepared(saga, id, trouble) if value is None or any(trouble.values()) else None
    value = usual or {} if value is None else value
    known = _known(target, id, value, aws)
    client.start(target, id, value, services=aws)
    if as_json:
        print_json({"saga": saga, "id": id, "style": target.style, "version": target.version, "known": known})
    else:
        became = f"nothing new is started, it is {known} already" if known else "started"
        say(f"{saga} {id}: {became}; see `cdk-saga status {saga} {id}`")


def _known(target: Target, id: str, value: dict[str, Any], aws: Services) -> str:
    """The state of a saga that has this id already; empty for none, or where its state may not be read.

    Raises:
        BadRequest: it was cancelled before it began.
        InputMismatch: it has another input.
    """
    try:
        seen = client.status(target, id, services=aws)
    except SagaUnknown:
        return ""
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "AccessDeniedException":
            return ""  # who may start sagas need not be allowed to look at them
        raise
    if seen.input is None:
        raise BadRequest(f"saga {id!r} was cancelled before it began, and never begins: choose another id")
    client.has_begun(target, id, value, services=aws)
    return seen.state


def _parsed(given: str) -> dict[str, Any]:
    if not given.startswith("@") and given != "-":
        return json_object(given, "--input")
    option, content = f"--input {given}", sys.stdin.buffer.read() if given == "-" else Path(given[1:]).read_bytes()
    return json_object(text_of(content, option), option, secret=True)
