"""Two sagas, one item: the anomalies that sagas without isolation show, and that their countermeasures stop.

The words are those of Frank and Zahle ("Semantic ACID properties in multidatabases", 1998).
"""

from typing import Any

import pytest

from saga_runtime import Command, Participant, Rejected, Writes
from shop import TABLE, payload
from world import AWS, World

BUSY = "customer 7 is being changed by another saga"
CHANGED = "the customer's limit has changed"
LIMIT, SPENT = {"pk": "limit"}, {"pk": "spent"}
FAILED = {"outcome": "unknown", "recorded": True}


class Credit:
    """A customer's limit, which one saga changes and may change back, and what others spend of it."""

    def __init__(self, world: World, *, careful: bool) -> None:
        self.world = world
        self.careful = careful
        world.participant = self.participant()
        for key, cents in (("limit", 100), ("spent", 0)):
            AWS.client("dynamodb").put_item(TableName=TABLE, Item={"pk": {"S": key}, "cents": {"N": str(cents)}})

    def participant(self) -> Participant:
        credit = Participant("credit", self.world.services)

        @credit.action
        def change(command: Command, writes: Writes) -> dict[str, int]:
            self.lock(command, writes)
            before = self["limit"]
            set_limit(writes, command.input["to"])
            return {"before": before}

        @change.compensation
        def change_back(command: Command, writes: Writes) -> None:
            set_limit(writes, command.results[command.step]["before"])
            if self.careful:
                writes.unlock(TABLE, "customer-7", command)

        @credit.action
        def confirm(command: Command, writes: Writes) -> None:
            """The last step: nothing is undone any more."""
            if self.careful:
                writes.unlock(TABLE, "customer-7", command)

        @credit.action
        def spend(command: Command, writes: Writes) -> None:
            self.lock(command, writes)
            if command.input["spend"] > self["limit"]:
                raise Rejected("over the limit")
            add_spent(writes, command.input["spend"])

        @credit.action
        def spend_as_quoted(command: Command, writes: Writes) -> None:
            if self.careful:
                writes.check_unchanged(TABLE, LIMIT, {"cents": command.input["seen"]}, rejected=CHANGED)
            add_spent(writes, command.input["seen"])

        return credit

    def lock(self, command: Command, writes: Writes) -> None:
        if self.careful:
            writes.lock(TABLE, "customer-7", command, rejected=BUSY)

    def call(self, handler: str, saga_id: str, operation: str = "action", **more: Any) -> str:
        """What became of it: ``done``, or why not."""
        step = {"confirm": "confirm"}.get(handler, "goods")
        try:
            self.world.call(payload(handler, operation, step=step, saga_id=saga_id, **more))
        except Rejected as no:
            return str(no)
        return "done"

    def __getitem__(self, key: str) -> int:
        found: dict[str, Any] = AWS.client("dynamodb").get_item(TableName=TABLE, Key={"pk": {"S": key}})
        return int(found["Item"]["cents"]["N"])


def set_limit(writes: Writes, cents: int) -> None:
    writes.update(TABLE, LIMIT, "SET cents = :cents", values={":cents": cents})


def add_spent(writes: Writes, cents: int) -> None:
    writes.update(TABLE, SPENT, "ADD cents :cents", values={":cents": cents})


@pytest.fixture
def naive(world: World) -> Credit:
    return Credit(world, careful=False)


@pytest.fixture
def careful(world: World) -> Credit:
    return Credit(world, careful=True)


def lost_update(credit: Credit) -> str:
    credit.call("change", "t-1", given={"to": 500}, first=True)
    other = credit.call("change", "t-2", given={"to": 300}, first=True)
    credit.call("change_back", "t-1", "compensation", given={"to": 500}, failure=FAILED)
    return other


def test_without_a_lock_changing_back_loses_the_update_of_another_saga(naive: Credit) -> None:
    assert (lost_update(naive), naive["limit"]) == ("done", 100)


def test_with_the_lock_no_update_is_lost(careful: Credit) -> None:
    assert (lost_update(careful), careful["limit"]) == (BUSY, 100)
    assert careful.call("change", "t-3", given={"to": 300}, first=True) == "done"
    assert careful["limit"] == 300


def dirty_read(credit: Credit) -> str:
    credit.call("change", "t-1", given={"to": 500}, first=True)
    other = credit.call("spend", "t-2", given={"spend": 400}, first=True)
    credit.call("change_back", "t-1", "compensation", given={"to": 500}, failure=FAILED)
    return other


def test_without_a_lock_another_saga_spends_what_is_taken_back(naive: Credit) -> None:
    assert (dirty_read(naive), naive["spent"], naive["limit"]) == ("done", 400, 100)


def test_with_the_lock_nobody_reads_what_may_still_be_undone(careful: Credit) -> None:
    assert (dirty_read(careful), careful["spent"], careful["limit"]) == (BUSY, 0, 100)


def fuzzy_read(credit: Credit) -> str:
    """One saga was told the limit in an earlier step; another has changed it and is through before it goes on."""
    seen = credit["limit"]
    credit.call("change", "t-1", given={"to": 50}, first=True)
    credit.call("confirm", "t-1", given={"to": 50})
    return credit.call("spend_as_quoted", "t-2", given={"seen": seen}, first=True)


def test_without_a_reread_a_saga_acts_upon_what_is_no_longer_so(naive: Credit) -> None:
    assert (fuzzy_read(naive), naive["spent"], naive["limit"]) == ("done", 100, 50)


def test_with_the_reread_it_does_not(careful: Credit) -> None:
    assert (fuzzy_read(careful), careful["spent"], careful["limit"]) == (CHANGED, 0, 50)


def test_neither_costs_a_request(careful: Credit) -> None:
    careful.call("change", "t-1", given={"to": 50}, first=True)
    careful.call("spend_as_quoted", "t-2", given={"seen": 50}, first=True)
    assert careful.world.requests == ["TransactWriteItems"] * 2
