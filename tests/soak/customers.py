"""Start sagas, a limited number at a time, and change their minds."""

import heapq
import json
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final, Literal

from botocore.exceptions import ClientError

from saga_runtime import InputMismatch
from saga_runtime.client import OperationRefused, RecoveryFailed, cancel, complete, execution_arn, reject, start
from soak.plan import Later, Planned
from soak.scene import Scene

PATIENCE: Final = 45.0
"""Seconds after which a saga that has not ended makes room for another all the same."""
CALLERS: Final = 4
"""Who call at the same time."""
AGAIN: Final = 1.0
"""Seconds until somebody who could not be served calls again."""


class Customers:
    """Send everything that is planned."""

    def __init__(self, scene: Scene, concurrency: int) -> None:
        self._scene = scene
        self._concurrency = concurrency
        self._in_flight: dict[tuple[str, str], float] = {}
        self._later: list[tuple[float, int, Planned, Later]] = []
        self._lock = threading.Lock()
        self._calls: list[Future[None]] = []

    def send_all(self) -> None:
        """Start every saga, and do what is planned on the way; returns when all is sent. Ctrl-C ends the starting.

        Raises:
            Exception: a call failed in a way that nobody has an answer to.
        """
        waiting = list(reversed(self._scene.sagas))
        with ThreadPoolExecutor(CALLERS) as pool:
            while waiting or self._later or not all(call.done() for call in self._calls):
                try:
                    self._send(pool, waiting)
                except KeyboardInterrupt:
                    self._scene.say(
                        f"Interrupted: {len(waiting)} sagas are not started, the others are seen to their ends."
                    )
                    self._scene.sagas = [saga for saga in self._scene.sagas if saga not in waiting]
                    waiting.clear()
        for call in self._calls:
            call.result()

    def _send(self, pool: ThreadPoolExecutor, waiting: list[Planned]) -> None:
        self._do_what_is_due(pool)
        self._make_room()
        if waiting and len(self._in_flight) < self._concurrency:
            saga = waiting.pop()
            self._in_flight[saga.name, saga.id] = time.monotonic()
            self._calls.append(pool.submit(self._begin, saga))
            self._progress(len(waiting))
        else:
            time.sleep(0.05)

    def begin_again(self, saga: Planned) -> None:
        """Start a saga that never arrived once more, with the same id."""
        self._scene.note("started again, as nothing had arrived", (saga.name, saga.id))
        self.start(saga)

    def _begin(self, saga: Planned) -> None:
        for number, (seconds, what) in enumerate(saga.later):
            self._put_off(saga, what, seconds, number)
        self.start(saga)

    def start(self, saga: Planned, **changes: Any) -> None:
        """Start a saga; with `changes` of its input it is another one by the same id."""
        target = self._scene.targets[saga.name]
        if saga.deadline is not None:
            target = replace(target, deadline=saga.deadline)
        self._scene.note("start", (saga.name, saga.id), json.dumps(changes) if changes else "")
        start(target, saga.id, {**saga.given, **changes}, services=self._scene.services)

    def _put_off(self, saga: Planned, what: Later, seconds: float, number: int = 0) -> None:
        with self._lock:
            due = time.monotonic() + seconds
            heapq.heappush(self._later, (due, 2 * int(saga.id.rpartition("-")[2]) + number, saga, what))

    def _do_what_is_due(self, pool: ThreadPoolExecutor) -> None:
        with self._lock:
            while self._later and self._later[0][0] <= time.monotonic():
                _, _, saga, what = heapq.heappop(self._later)
                self._calls.append(pool.submit(self._do, saga, what))

    def _do(self, saga: Planned, what: Later) -> None:
        key = saga.name, saga.id
        try:
            match what:
                case "cancel":
                    target, services = self._scene.targets[saga.name], self._scene.services
                    status = cancel(target, saga.id, ahead=True, services=services)
                    self._scene.note("cancel", key, f"→ {status}")
                case "start":
                    self.start(saga)
                case "start otherwise" if not self._scene.books.state(*key).meta:
                    # The first to arrive would have the id.
                    self._scene.note("start otherwise: not done, as the first had not begun", key)
                case "start otherwise":
                    self.start(saga, remark="window seat")
                    self._scene.note("id used again: taken for the dead-letter queue", key)
                case "stop":
                    self._stop(saga)
                case "yes" | "no" if self._is_yet_to_ask(saga):
                    self._put_off(saga, what, AGAIN)
                case "yes" | "no":
                    self._answer(saga, what)
        except (OperationRefused, InputMismatch) as refusal:
            self._scene.note(f"{what}: refused", key, str(refusal))
        except (RecoveryFailed, ClientError) as error:
            # Recovery died at it, or was throttled; every operation is idempotent.
            self._scene.note(f"{what}: could not be served, and was repeated", key, str(error))
            self._put_off(saga, what, AGAIN)

    def _is_yet_to_ask(self, saga: Planned) -> bool:
        """Whether a saga may still come to its question; not for ever, as its first message may be lost."""
        state = self._scene.books.state(saga.name, saga.id)
        asked = state.steps.get("approval", {}).get("st") not in {None, "STARTED"}
        return not asked and state.status in {"", "RUNNING"} and (saga.name, saga.id) in self._in_flight

    def _answer(self, saga: Planned, what: Literal["yes", "no"]) -> None:
        target, services = self._scene.targets[saga.name], self._scene.services
        step = f"{target.name}.{saga.id}.approval"
        if what == "yes":
            status = complete(target, step, {"by": "Ada"}, services=services)
        else:
            status = reject(target, step, "take the train", services=services)
        self._scene.note(f"answer: {what}", (saga.name, saga.id), f"→ {status}")

    def _stop(self, saga: Planned) -> None:
        if saga.style == "orchestrated":
            key, arn = (saga.name, saga.id), execution_arn(self._scene.targets[saga.name].where, saga.id)
            try:
                self._scene.deployment.client("stepfunctions").stop_execution(executionArn=arn)
            except ClientError as error:
                self._scene.note("stop: it had ended, or not begun", key, str(error))
            else:
                self._scene.note("execution stopped", key)

    def _make_room(self) -> None:
        now, ended = time.monotonic(), self._scene.recorder.ended
        for key, since in list(self._in_flight.items()):
            if key in ended or now - since > PATIENCE:
                del self._in_flight[key]

    def _progress(self, left: int) -> None:
        if left % 100 == 0:
            rate = (len(self._scene.sagas) - left) / self._scene.seconds
            self._scene.say(f"{self._scene.seconds:5.0f} s: {left} sagas to start, {rate:.1f} a second so far")
