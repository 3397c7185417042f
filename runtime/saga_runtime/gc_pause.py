"""A quick start: what a function loads, it keeps."""

import functools
import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def gc_paused(what: str) -> Generator[None]:
    """Load modules, or a service's models, with the garbage collector off.

    Next to nothing is garbage while a function starts, yet the collector would visit all that is there again and again:
    a third of the time that a first client takes.

    Args:
        what: is loaded; all there is after the first time of each is kept off the collector for good (``gc.freeze``).
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        _keep(what)
    finally:
        if enabled:
            gc.enable()


@functools.cache
def _keep(_what: str) -> None:
    gc.freeze()
