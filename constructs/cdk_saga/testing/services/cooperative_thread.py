"""Taking turns: a function that lets others go on while it waits."""

import threading
from collections.abc import Callable


class CooperativeThread:
    """Lets a function and the simulation take turns: a thread that runs only while it has the baton.

    Args:
        work: what the function does.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._function_may = threading.Semaphore(0)
        self._others_may = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._turn, daemon=True)
        self._over = False

    def run(self) -> None:
        """Let the function go on, until it waits or has finished."""
        if self._over:
            return
        if not self._thread.ident:
            self._thread.start()
        self._function_may.release()
        self._others_may.acquire()

    def pause(self) -> None:
        """Called by the function: let the others go on, until it is its turn again."""
        self._others_may.release()
        self._function_may.acquire()

    def _turn(self) -> None:
        self._function_may.acquire()
        try:
            self._work()
        finally:
            self._over = True
            self._others_may.release()
