"""Messages of a failed call may be redelivered sooner than on AWS, for those who cannot wait.

When a function crashes or times out, its messages stay invisible until their visibility time-out has passed, which is
six times the function's time-out by AWS's advice: minutes in which a test or a demo shows nothing. With a limit they
are visible again after so many seconds at most. While a function works, the time-out is never shortened, so there are
no duplicates that AWS would not have made.
"""

import importlib
import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from emulator.server.rewriting import rewrite

SECONDS_VARIABLE = "EMULATOR_REDELIVERY"

_FAILED = """\
        esm["LastProcessingResult"] = "FAILED"
"""
_FAILED_SO_REDELIVER = """\
        esm["LastProcessingResult"] = "FAILED"
        redeliver(batch)
"""


def redelivery(seconds: float) -> Callable[[Iterable[dict[str, Any]]], None]:
    """A function that makes messages visible after so many seconds at most."""

    def redeliver(messages: Iterable[dict[str, Any]]) -> None:
        for message in messages:
            message["visible_at"] = min(message["visible_at"], time.time() + seconds)

    return redeliver


def apply() -> None:
    """Patch what becomes of a failed batch, if `EMULATOR_REDELIVERY` is set."""
    if seconds := os.environ.get(SECONDS_VARIABLE):
        service = importlib.import_module("ministack.services.lambda_svc")
        changes = {_FAILED: _FAILED_SO_REDELIVER}
        rewrite(service._run_sqs_batch, changes, {"redeliver": redelivery(float(seconds))})
