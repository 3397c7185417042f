"""The choices that AWS leaves open: how long things take, and in which order they happen."""

import random
from collections.abc import Callable, Iterable
from typing import Final

DELIVERIES: Final = (0.01, 1.0, 20.0, 100.0, 1000.0)
"""Seconds from an event to its message: at once, later, after a lease, after a visibility time-out, much later."""
INVOCATIONS: Final = (0.01, 1.0, 5.0)
"""Seconds until a function begins that is invoked synchronously."""
REQUESTS: Final = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 4.0)
"""Seconds a request may be under way; few are slow."""
CHANCES: Final = (1.0, 0.5, 0.1)
"""Random numbers for jitter: the longest wait, a middling and a short one."""


class Schedule:
    """Answers every open question of a run, and can answer the same again.

    Args:
        choose: picks one of ``n`` possibilities, 0 to ``n - 1``; 0 is always the calm one.
        interleaved: whether functions run at the same time, so that their requests alternate. Costs speed.

    Attributes:
        choices: what was picked so far.
    """

    def __init__(self, choose: Callable[[int], int], *, interleaved: bool = False) -> None:
        self._choose = choose
        self.interleaved = interleaved
        self.choices: list[int] = []

    @classmethod
    def calm(cls) -> "Schedule":
        """Everything at once, in order; jitter waits as long as it can."""
        return cls(lambda _: 0)

    @classmethod
    def seeded(cls, seed: int, *, interleaved: bool = True) -> "Schedule":
        """Random choices; the same seed makes the same ones."""
        return cls(random.Random(seed).randrange, interleaved=interleaved)  # noqa: S311 # repeatable, not secret

    @classmethod
    def chosen(cls, choices: Iterable[int], *, interleaved: bool = True) -> "Schedule":
        """These choices, then calm; a number too large is taken modulo the possibilities."""
        given = iter(choices)
        return cls(lambda n: next(given, 0) % n, interleaved=interleaved)

    def delivery(self) -> float:
        """Seconds from an event to its message."""
        return self._one_of(DELIVERIES)

    def invocation(self) -> float:
        """Seconds until a function begins that is invoked synchronously."""
        return self._one_of(INVOCATIONS)

    def request(self) -> float:
        """Seconds a request is under way before it takes effect."""
        return self._one_of(REQUESTS)

    def chance(self) -> float:
        """A random number between 0 and 1."""
        return self._one_of(CHANCES)

    def _one_of(self, menu: tuple[float, ...]) -> float:
        choice = self._choose(len(menu))
        self.choices.append(choice)
        return menu[choice]
