"""Attempts are executions of the handler: as many as the policy says, in both styles, and the last error is kept."""

from typing import Any

import pytest

from cdk_saga import NOTHING_TO_UNDO, Retry, Saga, Step
from cdk_saga.testing import Run, Simulation
from cdk_saga.testing.clock import START
from saga_runtime import Command, Participant, Rejected, Writes
from saga_runtime.recovery import Recovery
from simulation.search import STYLES
from simulation.seen import seen

pytestmark = pytest.mark.parametrize("style", STYLES)
SAID = "403 from the bank: the key has expired"


class Bank:
    """A participant whose calls fail at once, for a while."""

    def __init__(self, *, action: float = 0.0, compensation: float = 0.0) -> None:
        self.participant = Participant("bank")
        self.calls: list[int] = []
        self._until = {"action": START + action, "compensation": START + compensation}

        @self.participant.external_action
        def charge(command: Command) -> None:
            self._call(command)

        @charge.compensation
        def refund(command: Command) -> None:
            self._call(command)

        @self.participant.action
        def book(command: Command, writes: Writes) -> None:
            del writes
            self._call(command)

        @book.compensation
        def cancel(command: Command, writes: Writes) -> None:
            del writes
            self._call(command)

        @self.participant.action
        def refuse(command: Command, writes: Writes) -> None:
            raise Rejected(f"no {command.step}, {writes}")

        @self.participant.action
        def settle(command: Command, writes: Writes) -> None:
            assert (command.step, writes.entries) == ("pivot", [])

        assert settle.name == "settle"
        assert (refund.__name__, cancel.__name__, refuse.name) == ("refund", "cancel", "refuse")

    def _call(self, command: Command) -> None:
        now = self.participant.services.now()
        failing = now < self._until[command.operation]
        if failing or self.calls:
            self.calls.append(round(now - START))
        if failing:
            raise RuntimeError(SAID)

    def run(self, saga: Saga, style: Any) -> Run:
        return Simulation(saga=saga, participants={"bank": self.participant}, recovery=Recovery(), style=style).run({})


HANDLERS = pytest.mark.parametrize(("action", "compensation"), [("charge", "refund"), ("book", "cancel")])


def pay(action: str, compensation: str, retry: Retry, **more: Any) -> Step:
    return Step(
        "pay",
        participant="bank",
        action=action,
        compensation=compensation,
        retry=retry,
        compensation_retry=retry,
        **more,
    )


REFUSED = Step("last", participant="bank", action="refuse", compensation=NOTHING_TO_UNDO)


@HANDLERS
@pytest.mark.parametrize("attempts", [0, 1, 3, 5, 9])
def test_an_action_that_raises_at_once_is_executed_as_often_as_its_policy_says(
    style: str, attempts: int, action: str, compensation: str
) -> None:
    bank = Bank(action=1e9)
    run = bank.run(Saga("order", [pay(action, compensation, Retry(max_attempts=attempts))]), style)
    assert run.ending == "COMPENSATED", str(run.trace)
    made = bank.calls[: 1 + attempts]
    assert made == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243][: 1 + attempts]
    assert len(bank.calls) == 1 + attempts + (action == "charge")  # and the compensation, which may be needed


@HANDLERS
@pytest.mark.parametrize("seconds", [30, 120, 300])
def test_a_compensation_that_raises_for_a_while_is_repeated_as_its_policy_says(
    style: str, seconds: int, action: str, compensation: str
) -> None:
    bank = Bank(compensation=seconds)
    run = bank.run(Saga("order", [pay(action, compensation, Retry(max_attempts=9)), REFUSED]), style)
    ladder = [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]
    made = next((n for n, at in enumerate(ladder, 1) if at >= seconds), len(ladder))
    assert (run.ending, bank.calls) == ("STUCK" if seconds == 300 else "COMPENSATED", ladder[:made])


@HANDLERS
def test_the_last_error_of_an_action_is_seen_wherever_one_looks(style: str, action: str, compensation: str) -> None:
    saga = Saga("order", [pay(action, compensation, Retry(max_attempts=2))])
    run = Bank(action=60).run(saga, style)
    now = seen(run)
    assert now.why == f"pay: unknown: RuntimeError: {SAID}"
    assert (now.steps[0].error, now.steps[0].attempts) == (f"RuntimeError: {SAID}", 3)
    assert all(SAID in event.detail and "RuntimeError" in event.detail for event in run.announced)


@HANDLERS
def test_the_last_error_of_a_compensation_is_seen_wherever_one_looks(
    style: str, action: str, compensation: str
) -> None:
    run = Bank(compensation=1e9).run(Saga("order", [pay(action, compensation, Retry(max_attempts=2)), REFUSED]), style)
    now = seen(run)
    assert (run.ending, now.why) == ("STUCK", f"stuck at pay: RuntimeError: {SAID}")
    assert (now.steps[0].error, now.steps[0].undo_attempts) == (f"RuntimeError: {SAID}", 3)
    assert SAID in run.announced[-1].detail


@HANDLERS
def test_past_the_pivot_the_last_error_is_seen_too(style: str, action: str, compensation: str) -> None:
    pivot = Step("pivot", participant="bank", action="settle", compensation=NOTHING_TO_UNDO, pivot=True)
    run = Bank(action=1e9).run(Saga("order", [pivot, pay(action, compensation, Retry(max_attempts=2))]), style)
    assert (run.ending, seen(run).why) == ("STUCK", f"stuck at pay: RuntimeError: {SAID}")
