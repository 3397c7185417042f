"""The pictures of every definition in ``stacks``."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import stacks
from cdk_saga import Saga
from cdk_saga.plan import compile_saga
from cdk_saga.render import mermaid


def definitions() -> dict[str, Saga]:
    """The sagas defined there, by name."""
    modules = [importlib.import_module(f"stacks.{found.name}") for found in pkgutil.iter_modules(stacks.__path__)]
    found = [value for module in modules for value in vars(module).values() if isinstance(value, Saga)]
    return {saga.name: saga for saga in found}


def draw(folder: Path) -> None:
    """Write each definition's picture into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, saga in definitions().items():
        (folder / f"{name}.mmd").write_text(mermaid(compile_saga(saga)) + "".join(_undrawn(saga)))


def _undrawn(saga: Saga) -> Iterator[str]:
    """What a picture does not show, such as retries, as Mermaid's comments: a line for the saga and for each step."""
    for part in (saga, *saga.all_steps):
        said = {one.name: getattr(part, one.name) for one in fields(part) if one.name not in ("name", "steps")}
        yield f"%% {part.name}: {', '.join(f'{name}={value}' for name, value in said.items() if value is not None)}\n"


def drawn(folder: Path) -> dict[str, str]:
    """The pictures in ``folder``, by the saga's name."""
    return {file.stem: file.read_text() for file in sorted(folder.glob("*.mmd"))}
