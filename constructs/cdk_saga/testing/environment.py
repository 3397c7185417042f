"""What a function's process has around it: environment variables, no AWS, and logs that are dropped."""

import logging
import os
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from unittest.mock import patch

from botocore.client import BaseClient
from botocore.httpsession import URLLib3Session

from cdk_saga.testing.unsimulated import Unsimulated


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


CALL: Final = "_make_api_call"
"""Through which every call of every client of botocore goes."""


class RealAws(Unsimulated):
    """A handler reached for AWS by a client of its own."""


@contextmanager
def without_aws() -> Generator[None]:
    """Let no request of a client of botocore, so of boto3's too, leave the process; a stub or a mock may answer it.

    Raises:
        RealAws: by the client that sends one.
    """
    call: Callable[..., Any] = getattr(BaseClient, CALL)
    asked: list[str] = []

    def noted(client: Any, operation: str, parameters: Any) -> Any:
        asked.append(f"{client.meta.service_model.service_name} for {operation}")
        try:
            return call(client, operation, parameters)
        finally:
            asked.pop()

    def refuse(_session: Any, request: Any) -> Any:
        raise RealAws(
            f"a handler asked {asked[-1] if asked else request.url} by a client of its own, and a simulation keeps all "
            "from AWS: ask participant.services.client(…), or check it with saga_check, which leads such clients to "
            "the simulated services"
        )

    with patch.object(BaseClient, CALL, noted), patch.object(URLLib3Session, "send", refuse):
        yield


class ProcessEnvironment:
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
            self._left.enter_context(without_aws())
            self._left.callback(logging.disable, logging.root.manager.disable)
            logging.disable(logging.CRITICAL)

    def __exit__(self, *_: object) -> None:
        self._entered -= 1
        if not self._entered:
            self._left.close()
