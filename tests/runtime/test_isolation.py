"""Isolation: what two sagas at the same item may not do to each other, at no further request."""

from typing import Any

import pytest

from saga_runtime import Command, Participant, Rejected, Writes
from shop import TABLE, payload
from world import AWS, World

BUSY = "order 7 is being changed by another saga"


@pytest.fixture
def desk(world: World) -> World:
    """A participant that changes an order under a lock, and one that decides by what it read."""
    orders = Participant("orders", world.services)

    @orders.action
    def change(command: Command, writes: Writes) -> None:
        writes.lock(TABLE, "order-7", command, rejected=BUSY)

    @change.compensation
    def change_back(command: Command, writes: Writes) -> None:
        writes.unlock(TABLE, "order-7", command)

    @orders.action
    def confirm(command: Command, writes: Writes) -> None:
        writes.unlock(TABLE, "order-7", command)

    @orders.action
    def quote(command: Command, writes: Writes) -> None:
        seen = {"pieces": command.input["seen"]}
        writes.reread(TABLE, {"pk": "stock"}, seen, rejected="the stock has changed")

    world.participant = orders
    return world


def holder() -> str | None:
    found: dict[str, Any] = AWS.client("dynamodb").get_item(TableName=TABLE, Key={"pk": {"S": "LOCK#order-7"}})
    return found.get("Item", {}).get("holder", {}).get("S")


def test_a_lock_joins_the_steps_transaction(desk: World) -> None:
    desk.call(payload("change", first=True))
    assert (desk.requests, holder()) == (["TransactWriteItems"], "order#t-1")


def test_another_saga_is_rejected_while_the_lock_is_held(desk: World) -> None:
    desk.call(payload("change", first=True))
    with pytest.raises(Rejected, match=BUSY):
        desk.call(payload("change", saga_id="t-2", first=True))
    assert holder() == "order#t-1"


def test_the_holder_may_take_its_lock_again(desk: World) -> None:
    desk.call(payload("change", first=True))
    desk.call(payload("change", step="again"))
    assert holder() == "order#t-1"


@pytest.mark.parametrize("end", [payload("change_back", "compensation"), payload("confirm", step="confirm")])
def test_the_lock_is_free_again_when_nothing_is_undone_any_more(desk: World, end: dict[str, Any]) -> None:
    desk.call(payload("change", first=True))
    desk.call(end)
    desk.call(payload("change", saga_id="t-2", first=True))
    assert holder() == "order#t-2"


def test_nobody_gives_back_a_lock_that_is_not_theirs(desk: World) -> None:
    desk.call(payload("change", first=True))
    with pytest.raises(Exception, match="condition of write 1 failed"):
        desk.call(payload("confirm", saga_id="t-2", first=True))
    assert holder() == "order#t-1"


@pytest.mark.parametrize("seen", [5, 4])
def test_a_decision_upon_what_was_read_holds_only_while_it_is_so(desk: World, seen: int) -> None:
    command = payload("quote", given={"seen": seen}, first=True)
    if seen == desk.stock():
        desk.call(command)
        assert desk.requests == ["TransactWriteItems"]
    else:
        with pytest.raises(Rejected, match="the stock has changed"):
            desk.call(command)
