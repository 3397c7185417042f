"""What everybody in the soak shares: where the sagas are, what is counted, and what has been done to whom."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from demo.business_trip import BUSINESS_TRIP
from demo.deployment import Deployment
from demo.ledger_view import Books
from demo.order import ORDER
from demo.trip import TRIP
from saga_runtime.client import Target
from saga_runtime.services import Services
from soak.event_recorder import EventRecorder
from soak.plan import Planned

EXAMPLES: Final = (TRIP, ORDER, BUSINESS_TRIP)
STACKS: Final = [f"{one.stack}{style}" for one in EXAMPLES for style in ("Orchestrated", "Choreographed")]


@dataclass
class Scene:
    """One soak.

    Args:
        deployment: where.
        sagas: what is planned, and started by now or later.
        ears: what is told.
        say: told how it goes.

    Attributes:
        counts: of everything that happened.
        log: what was done to a saga, by its name and id.
        robbed: the sagas of which a message was stolen.
    """

    deployment: Deployment
    sagas: list[Planned]
    recorder: EventRecorder
    say: Callable[[str], None]
    counts: Counter[str] = field(default_factory=Counter[str])
    log: defaultdict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict[Any, Any](list))
    robbed: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    begun: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @cached_property
    def services(self) -> Services:
        """What the runtime's client talks to."""
        return Services(client=self.deployment.client)

    @cached_property
    def books(self) -> Books:
        """The ledger and the providers."""
        return Books(self.deployment)

    @cached_property
    def targets(self) -> dict[str, Target]:
        """Where sagas are started, by their names."""
        targets = [self.deployment.target(stack) for stack in STACKS]
        return {target.name: target for target in targets}

    def __post_init__(self) -> None:
        self.by_key = {(saga.name, saga.id): saga for saga in self.sagas}
        """All that was planned, by name and id."""
        self.planned = len(self.sagas)

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.begun

    def note(self, what: str, saga: tuple[str, str] | None = None, detail: str = "") -> None:
        """Count something, and remember to whom it was done."""
        with self._lock:
            self.counts[what] += 1
            if saga:
                self.log[saga].append(f"{self.seconds:7.1f} s  {what} {detail}")
