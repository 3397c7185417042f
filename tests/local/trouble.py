"""What `cdk-saga start --fail hotel` and its like mean here: which shelf is empty, who is silent, who dies."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from demo.cases import PATIENCE
from demo.example import Example, Stock
from emulator.faults import Fault
from emulator.provider.modes import Behaviour
from stacks.business_trip import business_trip
from stacks.order import order
from stacks.trip import trip

COLLECTIONS: Final = {"transfers": "bookings", "payments": "charges", "notices": "notices"}
"""Where a participant's provider keeps its orders; the other participants write their own tables."""
SAGAS: Final = (trip, order, business_trip)
PARTICIPANTS: Final = {saga.name: {step.name: step.participant for step in saga.all_steps} for saga in SAGAS}


class UnknownStep(Exception):
    """A step that the saga does not have."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What is to go wrong for one saga.

    Args:
        fail: the step that is rejected; empty for none.
        timeout: the step that never answers.
        crash_after: the step whose function dies just after its effect was committed.
        duplicate: whether everything is delivered twice.
    """

    fail: str = ""
    timeout: str = ""
    crash_after: str = ""
    duplicate: bool = False

    def check(self, example: Example) -> None:
        """Raise `UnknownStep` for a step that the saga does not have."""
        steps = PARTICIPANTS[example.name]
        for option, step in (("fail", self.fail), ("timeout", self.timeout), ("crash-after", self.crash_after)):
            if step and step not in steps:
                raise UnknownStep(f"--{option} is {step!r:.100}: {example.name} has {', '.join(steps)}")

    def stock(self, example: Example) -> dict[str, int]:
        """The shelves that are empty."""
        participant = PARTICIPANTS[example.name].get(self.fail, "")
        columns = [column for column in example.columns.values() if isinstance(column, Stock)]
        return {shelf: 0 for column in columns if column.function == participant.title() for shelf in column.shelves}

    def provider_modes(self, example: Example, match: str) -> Iterator[Behaviour]:
        """How the providers behave."""
        participants = PARTICIPANTS[example.name]
        if collection := COLLECTIONS.get(participants.get(self.fail, "")):
            yield Behaviour(match=match, collection=collection, mode="refuse", times=None)
        if collection := COLLECTIONS.get(participants.get(self.timeout, "")):
            yield Behaviour(match=match, collection=collection, mode="late", seconds=PATIENCE, times=None)

    def faults(self, example: Example, saga_id: str) -> Iterator[Fault]:
        """What the local AWS does to it."""
        if self.timeout and PARTICIPANTS[example.name][self.timeout] not in COLLECTIONS:
            fault = "crash-before-commit"  # nobody is asked who could be silent, so the function itself is
            yield Fault(saga=saga_id, fault=fault, step=self.timeout, operation="action", times=None)
        if self.crash_after:
            yield Fault(saga=saga_id, fault="crash-after-commit", step=self.crash_after, operation="action")
        if self.duplicate:
            yield Fault(saga=saga_id, fault="duplicate", times=None)
