"""Wait for something that happens on its own, without guessing how long it takes."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")
PATIENCE: Final = 300.0
"""Seconds; on the slowest machine as well, whatever takes longer hangs."""


def wait_until(probe: Callable[[], T | None], *, what: str, timeout: float = PATIENCE, interval: float = 0.01) -> T:
    """Call a probe until it returns something true, and return that.

    Args:
        probe: returns a true value once the awaited thing has happened.
        what: the awaited thing, for the error.
        timeout: seconds until giving up.
        interval: seconds between two calls.

    Raises:
        TimeoutError: if the probe returned nothing true in time; the message shows its last value.
    """
    deadline = time.monotonic() + timeout
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {timeout:g} s; last seen: {value!r}.")
        time.sleep(interval)
