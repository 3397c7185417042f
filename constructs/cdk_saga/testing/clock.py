"""Simulated time: it stands still while something happens, and jumps to whatever happens next."""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

START: Final = 1_800_000_000.0
"""When every run begins, in seconds since the epoch."""
REQUEST: Final = 0.001
"""Seconds a request takes, so that no two have the same time."""


def iso(seconds: float) -> str:
    """A time as AWS writes it, in ISO 8601."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Endless(Exception):
    """A run that does not come to an end."""


class Clock:
    """The time, and what is going to happen.

    Attributes:
        now: seconds since the epoch.
    """

    def __init__(self) -> None:
        self.now = START
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._entries = 0

    @property
    def elapsed(self) -> float:
        """Seconds since the start of the run."""
        return self.now - START

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Let ``action`` happen in so many seconds; what is due at the same time happens in the order of the calls."""
        self._entries += 1
        heapq.heappush(self._agenda, (self.now + seconds, self._entries, action))

    def run(self, most: int) -> None:
        """Go on until nothing is left to happen.

        Raises:
            Endless: that is not so after ``most`` events.
        """
        for _ in range(most):
            if not self._agenda:
                return
            due, _, action = heapq.heappop(self._agenda)
            self.now = max(self.now, due)
            action()
        raise Endless(f"after {most:,} events and {self.elapsed:,.0f} simulated seconds there is no end in sight")
