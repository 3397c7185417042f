"""The limit of worker processes a function may have."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from emulator.instance import Emulator
from emulator.server.patches.worker_limit import WorkerGate, throttled
from emulator_tests.resources import function, invoke

PROCESS = """
    import os

    def handler(event, context):
        return os.getpid()
"""


class Pool:
    """Stands for MiniStack's pool of one worker."""

    def __init__(self) -> None:
        self.free = True

    def acquire_worker(self, *_: Any, **__: Any) -> tuple[str | None, str]:
        if not self.free:
            return None, "func_cap"
        self.free = False
        return "worker", "reused"

    def release_worker(self, _: str) -> None:
        self.free = True


def test_many_calls_at_once_share_few_processes(emulator: Emulator) -> None:
    arn = function(emulator, PROCESS)

    with ThreadPoolExecutor(max_workers=12) as callers:
        processes = set(callers.map(lambda _: invoke(emulator, arn, {}), range(12)))

    assert len(processes) <= max(2, os.cpu_count() or 1)


def test_a_call_waits_for_a_free_worker() -> None:
    gate = WorkerGate(Pool(), limit=1)
    first, _ = gate.acquire("f", {"Timeout": 30}, b"", "$LATEST")

    with ThreadPoolExecutor() as caller:
        second = caller.submit(gate.acquire, "f", {"Timeout": 30}, b"", "$LATEST")
        gate.release(first)

        assert second.result(timeout=10) == ("worker", "reused")


@pytest.mark.parametrize("timeout", [0, 0.01])
def test_a_call_waits_no_longer_than_the_functions_timeout(timeout: float) -> None:
    gate = WorkerGate(Pool(), limit=1)
    gate.acquire("f", {"Timeout": timeout}, b"", "$LATEST")

    assert gate.acquire("f", {"Timeout": timeout}, b"", "$LATEST") == (None, "func_cap")


def test_a_throttled_call_has_the_name_that_step_functions_gives_it() -> None:
    answer = throttled({"throttle": True, "body": {"__type": "TooManyRequestsException"}, "error": True})

    assert answer["body"]["errorType"] == "Lambda.TooManyRequestsException"


def test_the_workers_of_one_function_are_killed_and_its_next_call_starts_a_new_one(emulator: Emulator) -> None:
    arn = function(emulator, PROCESS)
    before, name = invoke(emulator, arn, {}), arn.rpartition(":")[2]

    assert emulator.kill_workers(lambda functions: next(one for one in functions if one == name)) == (name, 1)

    assert invoke(emulator, arn, {}) != before
