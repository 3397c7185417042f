"""A state that waits for a callback hears the answer by its token, whichever attempt is waiting then."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from callback_fixture import DAY, KEY, WAITS, way
from operations_fixture import TARGET
from saga_runtime import Rejected, SagaFenced
from saga_runtime.client import complete, reject
from saga_runtime.errors import CallbackTimedOut
from saga_runtime.recovery import ControlOperations, StateMachineEngine
from shop import payload
from world import World


class States:
    """Step Functions, as far as answers use it."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []
        self.over = False

    def send_task_success(self, *, taskToken: str, output: str) -> None:  # noqa: N803 # AWS's
        self._hear(taskToken, json.loads(output)["results"])

    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> None:  # noqa: N803 # AWS's
        self._hear(taskToken, f"{error}: {cause}")

    def _hear(self, token: str, what: Any) -> None:
        if self.over:
            raise ClientError({"Error": {"Code": "TaskTimedOut"}}, "SendTask")
        self.heard.append((token, what))


@pytest.fixture
def states(world: World) -> States:
    states = States()
    world.services.__dict__["states"] = states
    return states


@pytest.fixture(autouse=True)
def operations(world: World) -> ControlOperations:
    world.shop.pending = True
    return way(world, StateMachineEngine(world.services, "machine"))


def attempt(world: World, token: str, saga_id: str = "t-1") -> Any:
    return world.call({**payload("reserve", saga_id=saga_id, **WAITS), "token": token})


def test_a_state_machine_hears_by_its_token(world: World, states: States) -> None:
    assert attempt(world, "token-1") == {}
    attempt(world, "token-2")
    complete(TARGET, KEY, {"by": "Ada"}, services=world.services)
    assert states.heard == [("token-2", {"goods": {"reserved": KEY, "by": "Ada"}})]


def test_who_need_not_wait_answers_the_state_machine_at_once(world: World, states: States) -> None:
    world.shop.pending = False
    attempt(world, "token-1")
    assert states.heard == [("token-1", {"goods": {"reserved": KEY}})]


def test_a_no_and_a_cancellation_end_the_wait_of_a_state_machine(
    world: World, states: States, operations: ControlOperations
) -> None:
    attempt(world, "token-1")
    operations.perform({"operation": "cancel", "id": "t-1"})
    attempt(world, "token-2", "t-2")
    reject(TARGET, "order.t-2.goods", "no", services=world.services)
    assert states.heard == [("token-1", "SagaFenced: the saga is going back"), ("token-2", "Rejected: no")]


def test_an_answer_that_nobody_waits_for_any_more_is_kept_by_the_ledger(world: World, states: States) -> None:
    attempt(world, "token-1")
    states.over = True
    complete(TARGET, KEY, services=world.services)
    assert world.step() == "DONE"


def test_another_attempt_after_a_no_or_after_the_time_is_told_so(world: World, states: States) -> None:
    attempt(world, "token-1")
    world.clock[0] += DAY
    with pytest.raises(CallbackTimedOut, match="no callback for 'goods' of 't-1' in 86400 s"):
        attempt(world, "token-2")
    attempt(world, "token-3", "t-2")
    reject(TARGET, "order.t-2.goods", "no", services=world.services)
    with pytest.raises(Rejected, match="no"):
        attempt(world, "token-4", "t-2")
    assert len(states.heard) == 1


def before_next(world: World, operation: str, do: Callable[[], object]) -> None:
    """Do something between a reading of the ledger and the request that comes of it, once."""
    events, event = world.services.dynamodb.meta.events, f"before-call.dynamodb.{operation}"

    def strike(**_: Any) -> None:
        events.unregister(event, strike)
        do()

    events.register(event, strike)


def yes(world: World) -> str:
    return complete(TARGET, KEY, {"by": "Ada"}, services=world.services)


def no(world: World) -> str:
    return reject(TARGET, KEY, "no", services=world.services)


def test_an_attempt_that_begins_to_wait_while_the_answer_comes_hears_it(world: World, states: States) -> None:
    attempt(world, "token-1")
    before_next(world, "TransactWriteItems", lambda: attempt(world, "token-2"))
    yes(world)
    assert states.heard == [("token-2", {"goods": {"reserved": KEY, "by": "Ada"}})]


def test_so_it_does_when_the_answer_is_no(world: World, states: States) -> None:
    attempt(world, "token-1")
    before_next(world, "TransactWriteItems", lambda: attempt(world, "token-2"))
    no(world)
    assert states.heard == [("token-2", "Rejected: no")]


def test_an_answer_that_comes_while_an_attempt_begins_to_wait_is_told_by_that(world: World, states: States) -> None:
    attempt(world, "token-1")
    before_next(world, "UpdateItem", lambda: yes(world))
    attempt(world, "token-2")
    assert [token for token, _ in states.heard] == ["token-1", "token-2"]


@pytest.mark.usefixtures("states")
def test_so_is_a_no_and_a_cancellation(world: World, operations: ControlOperations) -> None:
    attempt(world, "token-1")
    before_next(world, "UpdateItem", lambda: no(world))
    with pytest.raises(Rejected, match="no"):
        attempt(world, "token-2")
    attempt(world, "token-3", "t-2")
    before_next(world, "UpdateItem", lambda: operations.perform({"operation": "cancel", "id": "t-2"}))
    with pytest.raises(SagaFenced):
        attempt(world, "token-4", "t-2")
