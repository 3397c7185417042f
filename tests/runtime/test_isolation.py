"""Isolation: what two sagas at the same item may not do to each other, at no further request."""

from typing import Any

import pytest

from saga_runtime import Command, Participant, Rejected, SagaFenced, Writes
from saga_runtime.writes import BadWrite
from shop import TABLE, payload
from world import AWS, World

BUSY = "order 7 is being changed by another saga"


@pytest.fixture
def desk(world: World) -> World:
    """A participant that changes an order under a lock, and one that decides by what it read."""
    operations = Participant("operations", world.services)

    @operations.action
    def change(command: Command, writes: Writes) -> None:
        writes.lock(TABLE, "order-7", command, rejected=BUSY)

    @change.compensation
    def change_back(command: Command, writes: Writes) -> None:
        writes.unlock(TABLE, "order-7", command)

    @operations.action
    def confirm(command: Command, writes: Writes) -> None:
        writes.unlock(TABLE, "order-7", command)

    @operations.action
    def quote(command: Command, writes: Writes) -> None:
        seen = {"pieces": command.input["seen"]}
        writes.check_unchanged(TABLE, {"pk": "stock"}, seen, rejected="the stock has changed")

    @operations.action
    def look(command: Command, writes: Writes) -> None:
        writes.check_unchanged(TABLE, {"pk": "stock"}, command.input["seen"], rejected="the stock has changed")

    @operations.action
    def take(command: Command, writes: Writes) -> None:
        what = command.input["locks"][int(command.step[-1])]
        writes.lock(TABLE, what, command, rejected=BUSY)

    world.participant = operations
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


BACK: dict[str, Any] = {"results": {"goods": {}, "again": {}}}


def test_a_lock_that_two_steps_have_taken_is_freed_when_the_last_is_undone(desk: World) -> None:
    desk.call(payload("change", first=True))
    desk.call(payload("change", step="again"))
    desk.call(payload("change_back", "compensation", step="again", **BACK))
    assert holder() == "order#t-1"
    with pytest.raises(Rejected, match=BUSY):
        desk.call(payload("change", saga_id="t-2", first=True))
    desk.call(payload("change_back", "compensation", **BACK))
    assert holder() is None


def test_it_is_freed_by_the_last_in_any_order(desk: World) -> None:
    desk.call(payload("change", first=True))
    desk.call(payload("change", step="again"))
    desk.call(payload("change_back", "compensation", **BACK))
    assert holder() == "order#t-1"
    desk.call(payload("change_back", "compensation", step="again", **BACK))
    assert holder() is None


def test_a_compensation_leaves_a_lock_that_its_step_has_not_taken(desk: World) -> None:
    desk.call(payload("change", first=True))
    desk.call(payload("quote", step="again", given={"n": 1, "seen": 5}, saga_id="t-2", first=True))
    given = {"n": 1, "seen": 5}
    desk.call(payload("change_back", "compensation", step="again", saga_id="t-2", given=given, results={"again": {}}))
    assert (holder(), desk.step("again", "t-2")) == ("order#t-1", "UNDONE")


def test_a_lock_taken_once_is_freed_in_one_request(desk: World) -> None:
    desk.call(payload("change", first=True))
    desk.requests.clear()
    desk.call(payload("change_back", "compensation", results={"goods": {}}))
    assert (holder(), desk.requests) == (None, ["TransactWriteItems"])


def two_sagas(desk: World, first: str, second: str) -> list[str]:
    """Two sagas that lock two things in turn; each in its own order. Returns those that have both."""
    aborted: set[str] = set()
    for i in (0, 1):
        for saga_id, operation in (("t-1", first), ("t-2", second)):
            try:
                given, step = {"n": 1, "locks": operation}, f"lock{i}"
                desk.call(payload("take", step=step, saga_id=saga_id, first=i == 0, given=given))
            except (Rejected, SagaFenced):
                aborted.add(saga_id)
    return sorted({"t-1", "t-2"} - aborted)


@pytest.mark.parametrize(("second", "completed"), [("ab", ["t-1"]), ("ba", [])])
def test_sagas_complete_that_take_their_locks_in_the_same_order(desk: World, second: str, completed: list[str]) -> None:
    assert two_sagas(desk, "ab", second) == completed


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


@pytest.mark.parametrize("stored", [None, {"NULL": True}])
def test_none_means_that_an_attribute_is_not_there(desk: World, stored: Any) -> None:
    item = {"pk": {"S": "stock"}, "pieces": {"N": "5"}, **({"discount": stored} if stored else {})}
    AWS.client("dynamodb").put_item(TableName=TABLE, Item=item)
    desk.call(payload("look", given={"seen": {"pieces": 5, "discount": None}}, first=True))
    assert desk.step() == "DONE"


def test_an_attribute_that_has_come_since_is_noticed(desk: World) -> None:
    item = {"pk": {"S": "stock"}, "discount": {"N": "1"}}
    AWS.client("dynamodb").put_item(TableName=TABLE, Item=item)
    with pytest.raises(Rejected, match="the stock has changed"):
        desk.call(payload("look", given={"seen": {"discount": None}}, first=True))


def test_nothing_to_compare_is_an_error() -> None:
    with pytest.raises(BadWrite, match=r"seen is \{\}: name the attributes"):
        Writes().check_unchanged(TABLE, {"pk": "stock"}, {}, rejected="the stock has changed")
