"""A limit of worker processes per function; further calls wait for a free one.

MiniStack starts one process per concurrent call, without limit: 200 sagas at once are hundreds of interpreters. With
the limit such calls queue, as they never do on AWS, for at most the function's time-out; then they are throttled, which
Step Functions knows as `Lambda.TooManyRequestsException`. A handler that calls its own function needs a limit above
its depth.
"""

import importlib
import os
import threading
import time
from typing import Any

from emulator.server.rewriting import rewrite

LIMIT_VARIABLE = "EMULATOR_WORKERS"

_ACQUIRE = "worker, reason = acquire_worker(func_name, config, code_zip, qualifier=qualifier)"
_RELEASE = """\
    finally:
        release_worker(worker)
"""
_THROTTLE = """\
        return _throttle_response(
            reason_code="ReservedFunctionConcurrentInvocationLimitExceeded",
            msg=f"Rate Exceeded: function {func_name} warm-worker ceiling reached",
        )
"""


class WorkerGate:
    """Hands out a function's workers and lets callers wait for one."""

    def __init__(self, runtime: Any, limit: int) -> None:
        """Take MiniStack's `lambda_runtime` module and the number of workers a function may have."""
        self._runtime = runtime
        self._limit = limit
        self._freed = threading.Condition()

    def acquire(self, name: str, config: dict[str, Any], code: bytes, qualifier: str) -> tuple[Any, str]:
        """As `lambda_runtime.acquire_worker`, but waits up to the function's time-out for a worker."""
        deadline = time.monotonic() + float(config.get("Timeout", 3))
        with self._freed:
            while True:
                worker, reason = self._runtime.acquire_worker(
                    name, config, code, qualifier=qualifier, max_concurrency=self._limit
                )
                remaining = deadline - time.monotonic()
                if worker is not None or remaining <= 0:
                    return worker, reason
                self._freed.wait(remaining)

    def release(self, worker: Any) -> None:
        """As `lambda_runtime.release_worker`, and wakes a waiting call."""
        with self._freed:
            self._runtime.release_worker(worker)
            self._freed.notify_all()


def throttled(throttle: dict[str, Any]) -> dict[str, Any]:
    """Name a throttled call as Step Functions does."""
    body = {**throttle["body"], "errorType": "Lambda.TooManyRequestsException"}
    return {**throttle, "body": body}


def apply() -> None:
    """Patch the executor of Python functions; the limit is `EMULATOR_WORKERS`."""
    runtime = importlib.import_module("ministack.core.lambda_runtime")
    service = importlib.import_module("ministack.services.lambda_svc")
    gate = WorkerGate(runtime, int(os.environ[LIMIT_VARIABLE]))
    rewrite(
        service._execute_function_warm,
        {
            _ACQUIRE: "worker, reason = acquire_within_limit(func_name, config, code_zip, qualifier)",
            _RELEASE: _RELEASE.replace("release_worker", "release_within_limit"),
            _THROTTLE: _THROTTLE.replace("return _throttle_response(", "return throttled(_throttle_response(").replace(
                "        )\n", "        ))\n"
            ),
        },
        {"acquire_within_limit": gate.acquire, "release_within_limit": gate.release, "throttled": throttled},
    )
