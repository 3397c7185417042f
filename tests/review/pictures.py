"""The pictures of every definition in ``stacks``."""

import importlib
import pkgutil
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
        (folder / f"{name}.mmd").write_text(mermaid(compile_saga(saga)))


def drawn(folder: Path) -> dict[str, str]:
    """The pictures in ``folder``, by the saga's name."""
    return {file.stem: file.read_text() for file in sorted(folder.glob("*.mmd"))}
