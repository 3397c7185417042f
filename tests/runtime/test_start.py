"""Starting a saga: the same id and input is the same saga, whenever it is said; another input is refused."""

import json
from typing import Any

import pytest

from saga_runtime import InputMismatch
from saga_runtime.client import Target, start
from saga_runtime.services import Services

MACHINE = "arn:aws:states:us-east-1:1:stateMachine:order:live"
TARGET = Target(name="order", version="v1", style="orchestrated", where=MACHINE, deadline=60)


class Taken(Exception):
    """What Step Functions says to a name that is taken."""


class States:
    """Step Functions, as far as the client uses it."""

    class exceptions:  # noqa: N801 # boto3's
        ExecutionAlreadyExists = Taken

    def __init__(self) -> None:
        self.inputs: dict[str, str] = {}

    def start_execution(self, *, name: str, input: str, **_: Any) -> None:  # noqa: A002 # AWS's
        if self.inputs.setdefault(name, input) != input:
            raise Taken

    def describe_execution(self, *, executionArn: str) -> dict[str, str]:  # noqa: N803 # AWS's
        return {"input": self.inputs[executionArn.rsplit(":", 1)[1]]}


@pytest.fixture
def clock() -> list[float]:
    return [1_000_000.5]


@pytest.fixture
def services(clock: list[float]) -> Services:
    states = States()
    return Services(client=lambda _: states, now=lambda: clock[0])


def test_a_saga_says_when_it_was_started_and_by_when_it_must_be_done(services: Services) -> None:
    start(TARGET, "t-1", {"n": 1}, services=services)
    saga = json.loads(services.states.inputs["t-1"])  # pyright: ignore[reportAttributeAccessIssue]
    assert (saga["started"], saga["deadline"]) == (1_000_000, 1_000_060)


def test_the_same_start_a_minute_later_is_the_same_saga(services: Services, clock: list[float]) -> None:
    start(TARGET, "t-1", {"n": 1}, services=services)
    clock[0] += 60
    start(TARGET, "t-1", {"n": 1}, services=services)


def test_another_input_is_refused(services: Services) -> None:
    start(TARGET, "t-1", {"n": 1}, services=services)
    with pytest.raises(InputMismatch, match="'t-1' has been started with another input: choose another id"):
        start(TARGET, "t-1", {"n": 2}, services=services)
