"""One case in one style: sent, watched until it has ended."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from demo.cases import STUCK, Case, Order, Send, Smuggled, Start
from demo.example import Example
from demo.ledger_view import Books
from demo.style import Style
from emulator.waiting import wait_until
from saga_runtime import BadCommand, InputMismatch
from saga_runtime.admission import SCHEMA
from saga_runtime.client import OperationRefused, RecoveryFailed, cancel, complete, reject, resume, skip, start
from saga_runtime.services import Services

Json = dict[str, Any]
LOOK: Final = 0.1
"""Seconds between two looks at a run whose time counts."""
GLANCE: Final = 0.5
"""Seconds between two looks at one that waits anyway."""
ATTEMPTS: Final = 3
"""How often an order is given whose recovery fails."""


@dataclass
class Run:
    """A case in a style.

    Args:
        example: which saga.
        case: what happens.
        style: in which style.
        services: what the runtime's client talks to.
        books: where its endings show.
        tell: told what happens, as it happens.
        beginning: begins `key`.

    Attributes:
        refused: how often something was refused at once.
        given_up: why, if it was; else empty.
        seconds: from the first thing sent until every saga has ended and the customer was told.
    """

    example: Example
    case: Case
    style: Style
    services: Services
    books: Books
    tell: Callable[["Run", str], None]
    beginning: str = ""
    refused: int = field(default=0, init=False)
    given_up: str = field(default="", init=False)
    seconds: float = field(default=0.0, init=False)
    _shown: dict[str, int] = field(default_factory=dict[str, int], init=False)

    @property
    def key(self) -> str:
        """Begins the ids of its sagas, and the names of all that belongs to it."""
        return f"{self.beginning}{self.example.name}-{self.case.slug}-{self.style.target.style[0]}-"

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

    @property
    def _interval(self) -> float:
        return GLANCE if self.case.waits else LOOK

    def execute(self) -> None:
        """Send everything, then watch until it has ended; one that is stalled or breaks is given up."""
        begun = time.monotonic()
        try:
            for send in self.case.sends:
                self._send(send)
            wait_until(self._has_ended, what="the end", interval=self._interval)
        except Exception as error:  # noqa: BLE001 # one run must not take the others with it
            self.given_up = f"{type(error).__name__}: {error}"
        self.seconds = time.monotonic() - begun

    def _send(self, send: Send) -> None:
        try:
            match send:
                case Start():
                    self._start(send)
                case Order():
                    self._order(send)
                case Smuggled():
                    self.style.smuggle(self._command(send))
        except (BadCommand, InputMismatch, OperationRefused) as refusal:
            self.refused += 1
            self.tell(self, f"refused: {refusal}")

    def _start(self, send: Start) -> None:
        target, saga_id = self.style.target, self.key + send.saga
        if send.refused == "ledger":
            wait_until(lambda: self.books.state(target.name, saga_id).meta, what=f"the beginning of {saga_id}")
        start(target, saga_id, {**self.example.given(self.key), **send.changes}, services=self.services)

    def _order(self, send: Order) -> None:
        target, saga_id = self.style.target, f"{self.key}a"
        if send.once:
            wait_until(
                lambda: self._look() or self.books.says(target.name, saga_id, send.once),
                what=send.once,
                interval=self._interval,
            )
        if send.repaired:
            self.books.repair(self.key)
        status = self._give(*self._ordered(send, saga_id))
        self.tell(self, f"a: {send.order}: {status}")

    def _ordered(self, send: Order, saga_id: str) -> tuple[Callable[..., str], *tuple[Any, ...]]:
        """What the client is called with."""
        key = f"{self.style.target.name}.{saga_id}.{send.answered}"
        match send.order:
            case "cancel":
                return partial(cancel, ahead=True), saga_id
            case "resume":
                return resume, saga_id
            case "skip":
                return skip, saga_id, send.skipped, send.reason
            case "complete":
                return complete, key, dict(send.result)
            case "reject":
                return reject, key, send.reason

    def _give(self, order: Callable[..., str], *arguments: Any) -> str:
        """Give an order, and again when its recovery function dies or times out: orders are idempotent."""
        for attempt in range(1, ATTEMPTS):
            try:
                return order(self.style.target, *arguments, services=self.services)
            except RecoveryFailed as failure:
                self.tell(self, f"attempt {attempt}: {failure}")
        return order(self.style.target, *arguments, services=self.services)

    def _command(self, send: Smuggled) -> Json:
        saga = {
            "schema": SCHEMA,
            "name": self.style.target.name,
            "version": self.style.target.version,
            "id": f"{self.key}smuggled",
            "input": self.example.given(self.key),
            "results": {},
            "started": 0,
            "failure": None,
        }
        command: Json = {"saga": {**saga, **send.saga}, "note": self.key}
        return command if send.task is None else {**command, "task": {**self.example.task, **send.task}}

    def _has_ended(self) -> bool:
        self._look()
        saga = self.style.target.name
        statuses = [self.books.state(saga, saga_id).status for saga_id in self.sagas]
        if any(status not in self.case.ends for status in statuses):
            return False
        told = len(self.books.told(saga, self.key)) == sum(status != STUCK for status in statuses)
        counted = self.style.count(self.key) >= (self.expected_count or 0)
        return told and counted and self.refusals >= self.case.refusals

    def _look(self) -> None:
        """Tell what has happened since the last look."""
        for saga_id in self.sagas:
            steps = self.style.steps(saga_id)
            for step in steps[self._shown.get(saga_id, 0) :]:
                self.tell(self, f"{saga_id.removeprefix(self.key)}: {step}")
            self._shown[saga_id] = len(steps)
