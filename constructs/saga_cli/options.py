"""The options and arguments that commands share, so that each is called and explained the same everywhere."""

import json
import re
from pathlib import Path
from typing import Annotated, Any, Final, cast

import typer

from saga_cli.errors import BadRequest
from saga_runtime.reading import read_json

UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}

SagaName = Annotated[str, typer.Argument(metavar="SAGA", help="The saga's name, e.g. trip.")]
SagaId = Annotated[str, typer.Argument(metavar="ID", help="Which saga: the id it was started with, e.g. trip-8842.")]
WaitingStep = Annotated[str, typer.Argument(metavar="STEP", help="The step that waits for a callback.")]
Stage = Annotated[
    str,
    typer.Option("--stage", metavar="NAME", envvar="CDK_SAGA_STAGE", help="Only stacks of this environment, e.g. dev."),
]
Stack = Annotated[
    str, typer.Option("--stack", metavar="NAME", help="Only the stack of this name; * and ? are wildcards.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
DefinitionPath = Annotated[
    str,
    typer.Argument(metavar="MODULE:SAGA", help="A definition: a module and the name in it, e.g. stacks.trip:trip."),
]
EndedWithin = Annotated[
    str, typer.Option("--ended-within", metavar="AGE", help="Only those that ended in this time, e.g. 15m, 2h or 3d.")
]
Drawn = Annotated[
    list[str] | None,
    typer.Option(
        "--definition", metavar="MODULE:SAGA", help="Draw it from this definition, e.g. stacks.trip:trip; repeatable."
    ),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write it; to the terminal by default.")
]


def json_object(text: str, option: str, *, secret: bool = False) -> dict[str, Any]:
    """The JSON object in ``text``, which was given with ``option``; what is ``secret`` is not shown in the error."""
    shown = "" if secret else f": {text!r:.100}"
    try:
        value = read_json(text)
    except json.JSONDecodeError as error:
        raise BadRequest(f"{option} is no JSON ({error}){shown}") from error
    except ValueError as error:
        why = "one key twice, a number too long, or too deeply nested" if secret else error
        raise BadRequest(f"{option} is no JSON ({why}){shown}") from error
    if not isinstance(value, dict):
        what = "of another kind" if secret else f"{text!r:.100}"
        raise BadRequest(f'{option} is {what}: a JSON object belongs there, e.g. \'{{"customer": "ada"}}\'')
    return cast(dict[str, Any], value)


def text_of(content: bytes, option: str) -> str:
    """The text of a file or pipe, which was given with ``option``."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequest(f"{option} is not UTF-8 (at byte {error.start}): save it as UTF-8") from error


def age(text: str, option: str) -> int | None:
    """Seconds of an age such as ``15m``, which was given with ``option``; ``None`` for none."""
    if not text:
        return None
    if found := re.fullmatch(r"(\d{1,9})([smhd]?)", text):
        return int(found[1]) * UNITS[found[2]]
    raise BadRequest(f"{option} is {text!r:.100}: say a number and s, m, h or d, e.g. 15m")
