"""``cdk-saga start``."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from saga_cli.errors import BadRequest
from saga_cli.options import AsJson, SagaId, SagaName, Stack, Stage
from saga_cli.output import print_json
from saga_cli.surroundings import services
from saga_cli.targets import find
from saga_runtime import client

Given = Annotated[
    str, typer.Option("--input", metavar="JSON", help="Its input: a JSON object, @FILE with one, or - for stdin.")
]


def start(
    saga: SagaName,
    id: SagaId,
    *,
    given: Given = "{}",
    stage: Stage = "",
    stack: Stack = "",
    as_json: AsJson = False,
) -> None:
    """Start a saga. The same id with the same input is the same saga; with another input it is refused."""
    aws, value = services(), _parsed(given)
    target = find(saga, aws, stage=stage, stack=stack)
    client.start(target, id, value, services=aws)
    if as_json:
        print_json({"saga": saga, "id": id, "style": target.style, "version": target.version})
    else:
        typer.echo(f"{saga} {id}: started; see `cdk-saga status {saga} {id}`")


def _parsed(given: str) -> dict[str, Any]:
    text = sys.stdin.read() if given == "-" else given
    if given.startswith("@"):
        text = Path(given[1:]).read_text(encoding="utf-8")
    try:
        value = json.loads(text)
    except ValueError as error:
        raise BadRequest(f"--input is no JSON ({error}): {text!r:.100}") from error
    if not isinstance(value, dict):
        raise BadRequest(f'--input is {text!r:.100}: a JSON object belongs there, e.g. \'{{"customer": "ada"}}\'')
    return cast(dict[str, Any], value)
