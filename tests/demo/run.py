"""One case in one style: sent, watched until it has ended."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from demo.books import Books
from demo.cases import Case, Smuggled, Start
from demo.style import Style
from emulator.waiting import wait_until
from saga_runtime import BadCommand, InputMismatch
from saga_runtime.command import SCHEMA

Json = dict[str, Any]
TASK: Final = {
    "step": "flight",
    "operation": "action",
    "handler": "book_flight",
    "first": True,
    "ends": {"rejected": "COMPENSATED"},
    "retry": {"interval": 1, "backoff": 2.0, "cap": 60},
}
GIVEN_UP: Final = 90.0
"""Seconds after which a run counts as hanging."""
LOOK: Final = 0.1
"""Seconds between two looks at a run."""


@dataclass
class Run:
    """A case in a style.

    Args:
        case: what happens.
        style: in which style.
        books: where its endings show.
        tell: told what happens, as it happens.

    Attributes:
        refused: how often something was refused at once.
        given_up: why, if it was; else empty.
        seconds: from the first thing sent until every saga has ended and the customer was told.
    """

    case: Case
    style: Style
    books: Books
    tell: Callable[["Run", str], None]
    refused: int = field(default=0, init=False)
    given_up: str = field(default="", init=False)
    seconds: float = field(default=0.0, init=False)
    _shown: dict[str, int] = field(default_factory=dict[str, int], init=False)

    @property
    def key(self) -> str:
        """Begins the ids of its sagas, and names its flight, its hotel and its customer."""
        return f"{self.case.slug}-{self.style.target.style[0]}-"

    @property
    def sagas(self) -> list[str]:
        """The ids of the sagas that have to begin."""
        starts = [send.saga for send in self.case.sends if isinstance(send, Start) and send.refused is None]
        return [self.key + name for name in dict.fromkeys(starts)]

    @property
    def expected_count(self) -> int | None:
        """How many transitions or messages there have to be, if that is certain."""
        return self.case.transitions if self.style.counted == "transitions" else self.case.messages

    @property
    def refusals(self) -> int:
        """How many refusals there have been so far, at once or later."""
        return self.refused + self.style.kept(self.key)

    def execute(self) -> None:
        """Send everything, then watch until it has ended; one that hangs or breaks is given up."""
        begun = time.monotonic()
        try:
            for send in self.case.sends:
                self._send(send)
            wait_until(self._has_ended, what="the end", timeout=GIVEN_UP, interval=LOOK)
        except Exception as error:  # noqa: BLE001 # one run must not take the others with it
            self.given_up = f"{type(error).__name__}: {error}"
        self.seconds = time.monotonic() - begun

    def _send(self, send: Start | Smuggled) -> None:
        try:
            if isinstance(send, Start):
                self._start(send)
            else:
                self.style.smuggle(self._command(send))
        except (BadCommand, InputMismatch) as refusal:
            self.refused += 1
            self.tell(self, f"refused: {refusal}")

    def _start(self, send: Start) -> None:
        saga_id = self.key + send.saga
        if send.refused == "ledger":
            wait_until(lambda: self.books.knows(self.style.target.name, saga_id), what=f"the beginning of {saga_id}")
        self.style.start(saga_id, {**self._input(), **send.changes})

    def _command(self, send: Smuggled) -> Json:
        saga = {
            "schema": SCHEMA,
            "name": self.style.target.name,
            "version": self.style.target.version,
            "id": f"{self.key}smuggled",
            "input": self._input(),
            "results": {},
            "failure": None,
        }
        command: Json = {"saga": {**saga, **send.saga}, "note": self.key}
        return command if send.task is None else {**command, "task": {**TASK, **send.task}}

    def _input(self) -> Json:
        return {
            "customer": self.key,
            "flight": {"number": self.key, "seats": 1},
            "hotel": {"name": self.key, "rooms": 1},
            "transfer": {"pickup": self.key},
        }

    def _has_ended(self) -> bool:
        saga = self.style.target.name
        ended = all(self.books.has_ended(saga, saga_id) for saga_id in self.sagas)
        for saga_id in self.sagas:
            steps = self.style.steps(saga_id)
            for step in steps[self._shown.get(saga_id, 0) :]:
                self.tell(self, f"{saga_id.removeprefix(self.key)}: {step}")
            self._shown[saga_id] = len(steps)
        counted = self.style.count(self.key) >= (self.expected_count or 0)
        return ended and counted and self.refusals >= self.case.refusals
