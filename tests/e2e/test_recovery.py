"""Sagas killed at every step with nobody told, on the local AWS: recovery's watchdog finds them and drives them on."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pytest

from demo.cases import COMPENSATED, COMPLETED
from demo.choreographed import Choreographed
from demo.deployment import Deployment
from demo.example import Example, Stock
from demo.ledger_view import Books
from demo.order import ORDER
from demo.trip import TRIP
from emulator.faults import Fault
from emulator.waiting import wait_until
from saga_runtime.client import Target, start
from saga_runtime.services import Services
from watchdog import look_at_once

pytestmark = pytest.mark.long("it waits for the watchdog")

STEPS: Final = {"trip": ("flight", "hotel", "transfer"), "order": ("payment", "stock", "shipping", "notice")}
KILLED: Final = [
    *((TRIP, "orchestrated", step) for step in STEPS["trip"]),
    *((TRIP, "choreographed", step) for step in STEPS["trip"][1:]),
    *((ORDER, "orchestrated", step) for step in ("stock", "notice")),
    *((ORDER, "choreographed", step) for step in ("stock", "notice")),
]
"""Which saga in which style before which step; a choreographed one lost before its first has not begun."""


@dataclass
class Scene:
    """A saga to be killed before one of its steps."""

    deployment: Deployment
    example: Example
    style: str
    step: str

    @property
    def key(self) -> str:
        return f"killed-{self.style[0]}-{self.step}-"

    @property
    def saga_id(self) -> str:
        return f"{self.key}a"

    @property
    def stack(self) -> str:
        return f"{self.example.stack}{self.style.title()}"

    @cached_property
    def target(self) -> Target:
        return self.deployment.target(self.stack)

    @cached_property
    def books(self) -> Books:
        return Books(self.deployment)

    def begin(self) -> None:
        self.books.stock(self.example, self.key, {})
        start(self.target, self.saga_id, self.example.given(self.key), services=Services(client=self.deployment.client))

    def reaches(self) -> bool:
        """Whether everything before the step is done, and so its turn has come."""
        steps = STEPS[self.example.name]
        before = steps[: steps.index(self.step)]
        return all(self.books.says(self.target.name, self.saga_id, f"{step} DONE") for step in before)

    def is_taken_over(self) -> bool:
        """Let recovery look at once, instead of when its schedule says; the ledger counts its takeovers."""
        look_at_once(self.deployment.client("lambda"), self.target.recovery)
        return "takeovers" in self.books.state(self.target.name, self.saga_id).meta

    def ends(self) -> str:
        return wait_until(self._ended, what=f"the end of {self.saga_id}")

    def _ended(self) -> str | None:
        status = self.books.state(self.target.name, self.saga_id).status
        return status if status in (COMPLETED, COMPENSATED) else None

    @contextmanager
    def unpublished(self, rule: str) -> Generator[None]:
        """With one rule of the saga switched off."""
        (found,) = [name for id, name in self.deployment.resources(self.stack, "AWS::Events::Rule") if rule in id]
        events, bus = (
            self.deployment.client("events"),
            self.target.where if self.style == "choreographed" else "default",
        )
        which = {"Name": found.rpartition("|")[2].rpartition("/")[2], "EventBusName": bus}
        events.disable_rule(**which)
        try:
            yield
        finally:
            events.enable_rule(**which)

    @contextmanager
    def killed(self) -> Generator[None]:
        """Begin, and let it die before the step; what it died of lasts until the end of the block."""
        with self._lost() if self.style == "choreographed" else self._stopped():
            yield

    @contextmanager
    def _lost(self) -> Generator[None]:
        """The event that leads to the step has passed the bus when its rule is switched on again."""
        bus = Choreographed(self.deployment, self.example)
        steps = STEPS[self.example.name]
        event = f"{steps[steps.index(self.step) - 1]}.succeeded"
        with self.unpublished(f"Saga{self.step}actionRule"):
            self.begin()
            wait_until(lambda: event in bus.steps(self.saga_id), what=f"{event} of {self.saga_id}")
        yield

    @contextmanager
    def _stopped(self) -> Generator[None]:
        """The step crashes until the saga is taken over: a call under way at the stop would still do it."""
        faults = self.deployment.emulator.faults
        faults.set([Fault(saga=self.saga_id, fault="crash-before-commit", step=self.step, times=None)])
        with self.unpublished("SagaDied"):
            self.begin()
            wait_until(lambda: self.reaches() and faults.happened(), what=f"{self.saga_id} at {self.step}")
            machine = ":".join(self.target.where.split(":")[:7]).replace(":stateMachine:", ":execution:")
            self.deployment.client("stepfunctions").stop_execution(executionArn=f"{machine}:{self.saga_id}")
        try:
            yield
        finally:
            faults.clear()


def left(scene: Scene) -> set[tuple[str, tuple[int, ...]]]:
    """How much of each stock is left and held."""
    found = scene.books.effects(scene.example, scene.target.name, scene.key).columns
    return {(heading, counts) for heading, counts in found.items() if isinstance(scene.example.columns[heading], Stock)}


def whole(example: Example) -> set[tuple[str, tuple[int, ...]]]:
    """The same when nothing has happened."""
    stocks = {heading: column for heading, column in example.columns.items() if isinstance(column, Stock)}
    return {(heading, (sum(shelf.stock for shelf in stock.shelves.values()), 0)) for heading, stock in stocks.items()}


@pytest.mark.parametrize(("example", "style", "step"), KILLED, ids=lambda value: getattr(value, "name", value))
def test_a_saga_killed_with_nobody_told_is_found_and_driven_to_its_end(
    deployment: Deployment, example: Example, style: str, step: str
) -> None:
    scene = Scene(deployment, example, style, step)
    with scene.killed():
        begun = bool(scene.books.state(scene.target.name, scene.saga_id).meta)
        if begun:
            wait_until(scene.is_taken_over, what=f"the takeover of {scene.saga_id}")
    if begun:
        ending = scene.ends()
        assert ending == (COMPLETED if step == "notice" else COMPENSATED)
        assert (left(scene) == whole(example)) == (ending == COMPENSATED)
    else:
        # Killed before its first step had begun: nothing has happened, and the same start begins it anew.
        assert left(scene) == whole(example)
