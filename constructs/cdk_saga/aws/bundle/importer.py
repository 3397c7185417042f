"""Imports handlers in a bare Python and says what came of it; run as a file, with the request as JSON on its input."""

import importlib
import json
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any


class Provided:
    """Finds what Lambda brings along where it is installed here, and nothing else of that place."""

    def __init__(self, names: list[str], site: list[str]) -> None:
        self._names, self._site = names, site

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Called by ``import`` for what nothing else has found."""
        return PathFinder.find_spec(name, self._site, target) if path is None and name in self._names else None


def entry(handler: str) -> dict[str, Any]:
    """What importing one handler comes to."""
    module, _, attribute = handler.replace("/", ".").rpartition(".")
    try:
        loaded = importlib.import_module(module)
    except ModuleNotFoundError as error:
        return {"missing": error.name}
    except ImportError as error:
        return {"absent": str(error)}
    except Exception as error:  # noqa: BLE001 # whatever a module does when it is imported
        return {"raised": f"{type(error).__name__}: {error}"}
    if not hasattr(loaded, attribute):
        return {"absent": f"module {module!r} has no attribute {attribute!r}"}
    participant = getattr(getattr(loaded, attribute), "__self__", None)
    names: dict[str, Any] | None = getattr(participant, "handlers", None)
    return {"names": sorted(names)} if isinstance(names, dict) else {}


def main() -> None:
    """Answer one request; what modules print goes elsewhere."""
    asked = json.load(sys.stdin)
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    sys.path[:] = [asked["folder"], *sys.path]
    sys.dont_write_bytecode = True
    finder: Any = Provided(asked["provided"], asked["site"])
    sys.meta_path.append(finder)
    answer.write(json.dumps({handler: entry(handler) for handler in asked["handlers"]}))
    answer.flush()
    os._exit(0)  # whatever threads a module has started


if __name__ == "__main__":
    main()
