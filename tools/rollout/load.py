"""Starts sagas without a pause, from the output of the first deployment, and answers and cancels those that wait."""

import heapq
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from botocore.exceptions import ClientError

from rollout.plan import Planned
from saga_runtime.client import OperationRefused, RecoveryFailed, Target, cancel, complete, reject, start
from saga_runtime.services import Services

AGAIN: Final = 1.0
"""Seconds until a call that failed is repeated."""
PATIENCE: Final = 180.0
"""Seconds after which a call that fails is not repeated any more."""
CALLERS: Final = 6


class Load:
    """A thread that starts what is planned until `stop`, and goes on answering until `finish`.

    Args:
        client: gives a boto3 client of a service.
        targets: where sagas are started, by name.
        planned: what is started.
        seconds: between two starts.

    Attributes:
        begun: every saga whose start was accepted, and when, in seconds since the epoch.
        counts: calls, by what came of them.
    """

    def __init__(
        self,
        client: Callable[[str], Any],
        targets: Mapping[str, Target],
        planned: Iterator[tuple[Planned, ...]],
        seconds: float,
    ) -> None:
        self.begun: dict[Planned, float] = {}
        self.counts: Counter[str] = Counter()
        self._client, self._targets, self._planned, self._seconds = client, targets, planned, seconds
        self._later: list[tuple[float, int, Planned]] = []
        self._lock, self._stopped, self._finished = threading.Lock(), threading.Event(), threading.Event()
        self._failures: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Start no more."""
        self._stopped.set()

    def finish(self) -> None:
        """Wait until every answer has been given; raises what a call raised that nothing answers."""
        self.stop()
        self._finished.set()
        self._thread.join()
        for failure in self._failures:
            raise failure

    def _run(self) -> None:
        due = time.monotonic()
        with ThreadPoolExecutor(CALLERS) as pool:
            while not self._stopped.is_set() or not self._finished.is_set() or self._later:
                if not self._stopped.is_set() and time.monotonic() >= due:
                    due += self._seconds
                    for saga in next(self._planned):
                        pool.submit(self._kept, self._start, saga)
                for saga in self._due():
                    pool.submit(self._kept, self._answer, saga)
                time.sleep(0.02)

    def _due(self) -> Iterator[Planned]:
        with self._lock:
            while self._later and self._later[0][0] <= time.monotonic():
                yield heapq.heappop(self._later)[2]

    def _kept(self, call: Callable[[Planned], None], saga: Planned) -> None:
        try:
            call(saga)
        except BaseException as failure:  # noqa: BLE001 # told by `finish`
            self._failures.append(failure)

    def _start(self, saga: Planned) -> None:
        self._repeated("start", lambda: start(self._targets[saga.name], saga.id, saga.given, services=self._services))
        with self._lock:
            self.begun[saga] = time.time()
            if saga.kind.later:
                heapq.heappush(self._later, (time.monotonic() + saga.after, len(self.begun), saga))

    def _answer(self, saga: Planned) -> None:
        target, services = self._targets[saga.name], self._services
        step = f"{saga.name}.{saga.id}.approve"
        calls: dict[str | None, Callable[[], object]] = {
            "complete": lambda: complete(target, step, {"by": "Ada"}, services=services),
            "reject": lambda: reject(target, step, "not this one", services=services),
            "cancel": lambda: cancel(target, saga.id, services=services),
        }
        self._repeated(str(saga.kind.later), calls[saga.kind.later])

    @property
    def _services(self) -> Services:
        return Services(client=self._client)  # one for each call: starting notes the bus in it

    def _repeated(self, what: str, call: Callable[[], object]) -> None:
        """As any caller does: repeat what could not be served, or comes too early."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                call()
            except (OperationRefused, RecoveryFailed, ClientError) as error:
                self.counts[f"{what}: repeated after {type(error).__name__}"] += 1
                if time.monotonic() > deadline:
                    raise
                time.sleep(AGAIN)
            else:
                self.counts[what] += 1
                return
