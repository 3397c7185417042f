"""What a function's process has around it: environment variables, and logs that nobody reads here."""

import logging
import os
from collections.abc import Mapping


class Surroundings:
    """Sets environment variables and silences logging while it is entered, once however often.

    Args:
        environment: the variables.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._entered = 0
        self._before: dict[str, str | None] = {}
        self._disabled = 0

    def __enter__(self) -> None:
        self._entered += 1
        if self._entered > 1:
            return
        self._before = {name: os.environ.get(name) for name in self._environment}
        os.environ.update(self._environment)
        self._disabled = logging.root.manager.disable
        logging.disable(logging.CRITICAL)

    def __exit__(self, *_: object) -> None:
        self._entered -= 1
        if self._entered:
            return
        logging.disable(self._disabled)
        for name, value in self._before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
