"""What a function's process has around it: environment variables, and logs that nobody reads here."""

import logging
import os
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager


@contextmanager
def variables(environment: Mapping[str, str]) -> Generator[None]:
    """Set environment variables for a while."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class Surroundings:
    """Sets environment variables and silences logging while it is entered, once however often.

    Args:
        environment: the variables.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._entered = 0
        self._left = ExitStack()

    def __enter__(self) -> None:
        self._entered += 1
        if self._entered == 1:
            self._left.enter_context(variables(self._environment))
            self._left.callback(logging.disable, logging.root.manager.disable)
            logging.disable(logging.CRITICAL)

    def __exit__(self, *_: object) -> None:
        self._entered -= 1
        if not self._entered:
            self._left.close()
