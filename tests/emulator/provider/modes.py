"""How a provider misbehaves, and for whom."""

import threading
from dataclasses import dataclass
from typing import Literal, get_args

Mode = Literal["refuse", "fail", "late", "slow"]
Action = Literal["place", "cancel"]


@dataclass(kw_only=True)
class Behaviour:
    """How a provider treats the orders that match.

    Args:
        match: a part of the order's key or of its customer's name.
        collection: only there, e.g. `charges`; None for all.
        mode: `refuse` says no for good (409); `fail` breaks down before doing anything (500); `late` does what it is
            asked and keeps the answer back; `slow` waits and then does it.
        action: `place` or `cancel`.
        times: for how many requests; None for all.
        seconds: how long `late` and `slow` wait.

    Raises:
        ValueError: for an unknown mode or action, or a number that is too small.
    """

    match: str
    mode: Mode
    collection: str | None = None
    action: Action = "place"
    times: int | None = 1
    seconds: float = 1.0

    def __post_init__(self) -> None:
        for name, value, known in (("mode", self.mode, get_args(Mode)), ("action", self.action, get_args(Action))):
            if value not in known:
                raise ValueError(f"{name} is {value!r}; it has to be one of {', '.join(known)}.")
        if self.times is not None and self.times < 1:
            raise ValueError(f"times is {self.times}; it has to be 1 or more, or null for all.")
        if self.seconds < 0:
            raise ValueError(f"seconds is {self.seconds}; it has to be 0 or more.")

    def meets(self, collection: str, key: str, customer: str) -> bool:
        """Whether it is meant for that order."""
        return self.collection in {None, collection} and (self.match in key or self.match in customer)


class ProviderModes:
    """The behaviours in force; several threads may ask at once."""

    def __init__(self) -> None:
        self._behaviours: list[Behaviour] = []
        self._lock = threading.Lock()

    def add(self, behaviour: Behaviour) -> None:
        """Put a behaviour in force; of several that match a request, the oldest counts."""
        with self._lock:
            self._behaviours.append(behaviour)

    def clear(self, match: str | None = None) -> None:
        """Forget the behaviours for `match`; None for all."""
        with self._lock:
            self._behaviours = [kept for kept in self._behaviours if match not in {None, kept.match}]

    def pending(self) -> int:
        """How many behaviours are not used up."""
        with self._lock:
            return len(self._behaviours)

    def due(self, action: Action, collection: str, key: str, customer: str) -> Behaviour | None:
        """The behaviour for a request, if any; one of its times is used up."""
        with self._lock:
            for behaviour in self._behaviours:
                if behaviour.action == action and behaviour.meets(collection, key, customer):
                    self._use_up(behaviour)
                    return behaviour
            return None

    def _use_up(self, behaviour: Behaviour) -> None:
        if behaviour.times is not None:
            behaviour.times -= 1
            if not behaviour.times:
                self._behaviours.remove(behaviour)
