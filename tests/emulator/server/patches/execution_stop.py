"""A stopped execution stays `ABORTED` and retries nothing any more.

MiniStack goes on with the retries of the task that was under way, and when that fails at last it turns the execution
from `ABORTED` to `FAILED` and publishes a second status change. On AWS a stopped execution is over; the call of a
function that was under way still ends on its own.
"""

import importlib

from emulator.server.rewriting import rewrite

_FAIL = """\
    execution["status"] = "FAILED"
"""
_FAIL_IF_RUNNING = """\
    if execution["status"] != "RUNNING":
        return
    execution["status"] = "FAILED"
"""

_RETRY = """\
                _scaled_sleep(min(sleep_sec, 60))
                retry_counts[retrier_idx] = count + 1
"""
_RETRY_IF_RUNNING = """\
                _scaled_sleep(min(sleep_sec, 60))
                if execution["status"] != "RUNNING":
                    raise err
                retry_counts[retrier_idx] = count + 1
"""


def apply() -> None:
    """Patch the end of an execution and the retries of a task."""
    service = importlib.import_module("ministack.services.stepfunctions")
    rewrite(service._fail_execution, {_FAIL: _FAIL_IF_RUNNING})
    rewrite(service._execute_task, {_RETRY: _RETRY_IF_RUNNING})
