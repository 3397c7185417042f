"""Finding a definition in a user's code."""

import importlib
import os
import sys

from cdk_saga import Saga
from saga_cli.errors import BadRequest


def load(path: str) -> Saga:
    """The saga that ``path`` names, imported as ``python -m`` in this folder would.

    Args:
        path: ``module:name``, e.g. ``stacks.trip:trip``.

    Raises:
        BadRequest: there is no such module, or no saga of that name in it; the text lists those that are.
    """
    module_name, colon, name = path.partition(":")
    if not (module_name and colon and name):
        raise BadRequest(f"{path!r} names no definition: say MODULE:SAGA, e.g. stacks.trip:trip")
    if os.getcwd() not in sys.path:  # noqa: PTH109 # sys.path holds text
        sys.path.insert(0, os.getcwd())  # noqa: PTH109
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise BadRequest(f"{path!r}: {error}; run this where `python -c 'import {module_name}'` works") from error
    found = getattr(module, name, None)
    if isinstance(found, Saga):
        return found
    sagas = [known for known, value in vars(module).items() if isinstance(value, Saga)]
    raise BadRequest(f"{path!r}: {name!r} is no saga; {module_name} has {', '.join(sagas) or 'none'}")
