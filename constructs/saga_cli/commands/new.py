"""``cdk-saga new``."""

import re
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template
from typing import Annotated, Final

import typer

from cdk_saga.definition.errors import checked_name
from saga_cli.errors import BadRequest
from saga_cli.installed import requirement
from saga_cli.output import say

Name = Annotated[str, typer.Argument(metavar="NAME", help="The saga's name, and the folder's: checkout.")]
Folder = Annotated[Path | None, typer.Option(metavar="FOLDER", help="Where to put it; ./NAME by default.")]
LONGEST: Final = 40
"""Characters of a name: with its endings it also has to fit into a stack's and a function's."""
SUFFIX: Final = ".txt"
"""Of the starter's files, so that tools do not take them for this package's code."""
HIDDEN: Final = {"gitignore": ".gitignore"}


def new(name: Name, *, folder: Folder = None) -> None:
    """Make a small CDK app: a saga of two steps, its services, and tests of both."""
    checked_name(name, "an app:", longest=LONGEST)
    into = folder or Path(name)
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise BadRequest(f"{into} is not empty: choose another name, or a --folder that is empty or not there yet")
    words = {"name": name, "stack": _class_name(name), **_wheels()}
    for path, text in sorted(_files(resources.files("saga_cli") / "starter")):
        file = into / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(Template(text).substitute(words), encoding="utf-8")
        say(f"wrote {file}")
    say(f"next: cd {into}, and what its README.md says")


def _wheels() -> dict[str, str]:
    return {
        "cdk_saga": requirement("cdk-saga", "cli,testing"),
        "saga_runtime": requirement("saga-runtime", "boto3"),
    }


def _files(folder: Traversable, at: str = "") -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _files(entry, f"{at}{entry.name}/")
        elif entry.name.endswith(SUFFIX):
            name = entry.name.removesuffix(SUFFIX)
            yield f"{at}{HIDDEN.get(name, name)}", entry.read_text(encoding="utf-8")


def _class_name(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in re.split("[-_]", name) if word)
