"""``cdk-saga draw``."""

from typing import Annotated

import typer

from cdk_saga.plan import compile_saga
from cdk_saga.render.pictures import CHOREOGRAPHED, ORCHESTRATED, PICTURES
from saga_cli.definitions import load
from saga_cli.errors import BadRequest
from saga_cli.options import Output
from saga_cli.output import say

Definition = Annotated[
    str, typer.Argument(metavar="MODULE:SAGA", help="The definition, as Python finds it: stacks.trip:trip.")
]
Style = Annotated[
    str, typer.Option(help="orchestrated: forward execution and back; choreographed: who reacts to what.")
]
Format = Annotated[str, typer.Option("--format", help="mermaid, for GitHub; svg, for anywhere.")]


def draw(
    definition: Definition, *, style: Style = ORCHESTRATED, form: Format = "mermaid", output: Output = None
) -> None:
    """Draw a saga's picture from its definition."""
    plan = compile_saga(load(definition))
    if (form, style) not in PICTURES:
        raise BadRequest(
            f"--format {form!r} --style {style!r}: there is no such picture; formats are mermaid and svg, "
            f"styles {ORCHESTRATED} and {CHOREOGRAPHED}"
        )
    picture = PICTURES[form, style](plan)
    if output:
        output.write_text(picture, encoding="utf-8")
        say(f"wrote {output}")
    else:
        say(picture, nl=False)
