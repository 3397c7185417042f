"""What the console sees of AWS: the deployed sagas, and clients that its threads share."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from typing import Any, Final

from saga_cli import environment
from saga_cli.errors import BadRequest
from saga_cli.targets import Deployed, deployed
from saga_runtime import client
from saga_runtime.client import ListedSaga
from saga_runtime.services import Services

TOGETHER: Final = 8
"""Ledgers that are asked at once: a hundred queries each, most of them empty."""


class Session:
    """Deployed sagas, and AWS.

    Args:
        stage: only stacks of this CDK stage.
        stack: only stacks of this name; ``*`` and ``?`` are wildcards.
    """

    def __init__(self, *, stage: str = "", stack: str = "") -> None:
        self._narrowed = {"stage": stage, "stack": stack}
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._known: list[Deployed] = []

    def services(self) -> Services:
        """Services of one request: they remember whose ledger is read, so no two requests share them."""
        return Services(client=self._client)

    def sagas(self) -> list[Deployed]:
        """Every saga that is deployed now."""
        self._known = deployed(self._client("cloudformation"), **self._narrowed)
        return self._known

    def saga(self, stack: str, name: str) -> Deployed:
        """One of them.

        Raises:
            BadRequest: there is none of this name in this stack.
        """
        for among in (lambda: self._known, self.sagas):
            for one in among():
                if (one.stack, one.target.name) == (stack, name):
                    return one
        raise BadRequest(f"no saga {name!r:.100} is deployed in a stack {stack!r:.150}")

    def listed(self, among: list[Deployed], limit: int, **filters: Any) -> list[tuple[str, ListedSaga]]:
        """Sagas with their stacks, newest first, at most ``limit`` of each deployed one."""

        def of(one: Deployed) -> list[tuple[str, ListedSaga]]:
            found = client.list_sagas(one.target, **filters, services=self.services())
            return [(one.stack, saga) for saga in islice(found, limit)]

        with ThreadPoolExecutor(TOGETHER) as pool:
            return sorted(chain.from_iterable(pool.map(of, among)), key=lambda each: -each[1].started)

    def _client(self, service: str) -> Any:
        with self._lock:
            if service not in self._clients:
                self._clients[service] = environment.client(service)
            return self._clients[service]
