"""Messages that come again, in another order, or beside a bad one."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bad_input.cases import LADDER
from bad_input.shops import Inbox, at_work, everything, record
from shop import Context, payload
from world import World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A fresh one for each test."""
    yield from at_work(monkeypatch)


def test_a_batch_with_one_bad_message_does_the_others(world: World, inbox: Inbox) -> None:
    good = [record(payload("charge", step="money", given={"n": 1})), record("no JSON")]
    answer = world.participant.handler({"Records": good}, Context())
    assert (answer["batchItemFailures"], inbox.given_up) == ([], ["no JSON"])
    assert world.shop.outside == {"order.t-1.money": "charged"}


def history(saga_id: str, *, back: bool) -> list[dict[str, Any]]:
    """The commands of one saga, in their order."""
    more: dict[str, Any] = {"saga_id": saga_id, "retry": LADDER}
    there = [
        payload("reserve", first=True, **more),
        payload("charge", step="money", ends={} if back else {"succeeded": "COMPLETED"}, **more),
    ]
    failure = {"step": "money", "outcome": "unknown", "Error": "Boom", "Cause": "boom"}
    undo = [
        payload("refund", "compensation", step="money", failure=failure, **more),
        payload(
            "release",
            "compensation",
            failure={**failure, "recorded": True},
            ends={"compensated": "COMPENSATED"},
            **more,
        ),
    ]
    return [*there, *(undo if back else [])]


def deliver(world: World, inbox: Inbox, commands: list[dict[str, Any]]) -> None:
    for command in commands:
        world.clock[0] += 1_000
        inbox.deliver(json.loads(json.dumps(command)))


def books(world: World) -> dict[str, Any]:
    """What lasts: data and effects; events are published again, which is what they are for."""
    return {key: value for key, value in everything(world).items() if key != "published"}


@pytest.mark.parametrize("back", [False, True])
def test_a_history_that_is_replayed_in_any_order_changes_nothing(back: bool, world: World, inbox: Inbox) -> None:  # noqa: FBT001
    commands = history("again", back=back)
    deliver(world, inbox, commands)
    before = books(world)
    assert world.meta("again") == ("COMPENSATED" if back else "COMPLETED")
    for order in itertools.permutations(commands):
        deliver(world, inbox, list(order))
    assert books(world) == before


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_history_that_arrives_in_any_order_leaves_all_of_it_or_nothing(
    data: st.DataObject, world: World, inbox: Inbox
) -> None:
    """A compensation that comes first leaves a tombstone, so that its action comes too late."""
    saga_id = f"o-{len(world.published)}-{data.draw(st.integers(0, 10**6))}"
    commands = history(saga_id, back=True)
    order = data.draw(st.permutations([*commands, *commands]))
    deliver(world, inbox, [*order, *commands[2:]])
    assert (world.stock(), world.shop.outside) == (4, {}), "the other saga's piece is the only one gone"
