"""Skipping: one step is closed by hand, the reason is kept, and whoever then finishes compensation says so."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from operations_fixture import TARGET as ORDER
from operations_fixture import employed
from recovery_fixture import KEY, STEPS, fail, sagas, told
from saga_runtime.client import OperationRefused, list_sagas, resume, retry, skip, status
from saga_runtime.envelope import parse
from saga_runtime.join import publish_outcome
from saga_runtime.ledger import ExternalLedger, Store
from saga_runtime.outcome import Outcome
from saga_runtime.recovery import ControlOperations, EventEngine
from shop import payload
from world import World

TARGET: Final = replace(ORDER, ledger="ledger", steps={"goods": True, "card": True})
FAILURE: Final = {"step": "card", "outcome": "unknown", "Error": "TimeoutError", "Cause": "silent"}
LAST: Final[dict[str, Any]] = {"failure": FAILURE, "ends": {"compensated": "COMPENSATED"}}
REASON: Final = "sent back by post"


@pytest.fixture
def operations(world: World) -> ControlOperations:
    return employed(world, STEPS, EventEngine(world.services, {"card": "goods.succeeded"}))


def stuck(world: World, step: str = "card") -> None:
    """An order of which two steps happened, and one cannot be undone."""
    world.call(payload("reserve", first=True))
    world.call(payload("charge", step="card"))
    sagas(world).mark_stuck(KEY, [step], "TimeoutError: down")


def skipped(world: World, step: str = "card", reason: str = REASON) -> str:
    return skip(TARGET, "t-1", step, reason, services=world.services)


def listing(world: World, state: str) -> list[str]:
    return [found.id for found in list_sagas(TARGET, state=state, services=world.services)]


@pytest.mark.usefixtures("operations")
def test_skipping_closes_one_step_keeps_the_reason_and_goes_on(world: World) -> None:
    stuck(world)
    assert skipped(world) == "COMPENSATING"
    assert (world.step("card"), world.item("STEP#0#card")["skipped"]) == ("UNDONE", REASON)
    assert (world.step("goods"), told(world)) == ("DONE", ["card.unknown"])


def test_what_is_skipped_and_how_that_will_end_is_one_request(world: World, operations: ControlOperations) -> None:
    stuck(world)
    world.requests.clear()
    operations.context.sagas.skip(KEY, "card", REASON)
    assert world.requests == ["TransactWriteItems"]
    assert world.meta() == "STUCK"


def undone(world: World) -> None:
    world.call(payload("release", "compensation", results={"goods": {}}, **LAST))


def undone_at_the_second_delivery(world: World) -> None:
    world.call(payload("release", "compensation", results={"goods": {}}, failure=FAILURE))
    undone(world)


def undone_outside(world: World) -> None:
    world.call(payload("refund", "compensation", step="card", **LAST))


def nothing_to_undo(world: World) -> None:
    world.call(payload("release", "compensation", step="note", **LAST))


def nothing_to_undo_outside(world: World) -> None:
    world.call(payload("refund", "compensation", step="note", **LAST))


def undone_in_a_group(world: World) -> None:
    world.call(payload("release", "compensation", results={"goods": {}}, failure=FAILURE))
    join = {"group": "both", "steps": ["goods", "card"], "ends": {"compensated": "COMPENSATED"}}
    command = parse(payload("release", "compensation", join=join, failure=FAILURE))
    publish_outcome(world.services, command, Outcome("compensated", command.saga))


def closed_by_recovery(world: World) -> None:
    world.call(payload("release", "compensation", results={"goods": {}}, failure=FAILURE))
    fail(world, error="COMPENSATED", cause=json.dumps(FAILURE))


@pytest.mark.usefixtures("operations")
@pytest.mark.parametrize(
    ("step", "finishes"),
    [
        ("card", undone),
        ("card", undone_at_the_second_delivery),
        ("card", nothing_to_undo),
        ("card", nothing_to_undo_outside),
        ("card", undone_in_a_group),
        ("goods", undone_outside),
        ("card", closed_by_recovery),
    ],
)
def test_whoever_finishes_compensation_ends_it_skipped_and_tells_that_it_is_through(
    world: World, step: str, finishes: Callable[[World], None]
) -> None:
    stuck(world, step)
    skipped(world, step)
    world.published.clear()
    world.clock[0] += 5
    finishes(world)
    assert told(world) == ["saga.compensated"]
    seen = status(TARGET, "t-1", services=world.services)
    assert (seen.state, seen.words, seen.ended) == ("PARTIALLY_COMPENSATED", "partially compensated", world.clock[0])
    assert (listing(world, "PARTIALLY_COMPENSATED"), listing(world, "COMPENSATED"), listing(world, "STUCK")) == (
        ["t-1"],
        [],
        [],
    )


@pytest.mark.usefixtures("operations")
def test_why_it_went_back_and_why_it_was_skipped_can_be_read_afterwards(world: World) -> None:
    stuck(world)
    skipped(world)
    undone(world)
    seen = status(TARGET, "t-1", services=world.services)
    assert (seen.why, seen.next, seen.operations) == ("card: unknown: TimeoutError: silent", "", ("retry",))
    assert [(step.outcome, step.error) for step in seen.steps] == [("undone", ""), ("skipped", REASON)]


def test_a_saga_that_ended_before_its_mark_was_taken_off_is_not_said_to_be_stuck(
    world: World, operations: ControlOperations
) -> None:
    stuck(world)
    operations.context.sagas.skip(KEY, "card", REASON)
    undone(world)
    assert status(TARGET, "t-1", services=world.services).why == "card: unknown: TimeoutError: silent"


@pytest.mark.usefixtures("operations")
def test_the_same_skip_again_is_no_other_one(world: World) -> None:
    stuck(world)
    for _ in range(2):  # as whoever does who has not heard of the first
        assert skipped(world) == "COMPENSATING"
    assert told(world) == ["card.unknown"]
    with pytest.raises(OperationRefused, match="is COMPENSATING, not stuck"):
        skipped(world, reason="kept by the customer")
    sagas(world).mark_stuck(KEY, ["goods"], "down")
    assert skipped(world) == "STUCK"
    skipped(world, "goods", "kept by the customer")
    nothing_to_undo(world)
    assert skipped(world) == "PARTIALLY_COMPENSATED"
    with pytest.raises(OperationRefused, match="is PARTIALLY_COMPENSATED, not stuck"):
        skipped(world, reason="kept by the customer")


@pytest.mark.usefixtures("operations")
def test_only_the_step_it_is_stuck_at_can_be_skipped(world: World) -> None:
    stuck(world)
    with pytest.raises(OperationRefused, match="is STUCK, not stuck at the compensation of 'goods'"):
        skipped(world, "goods")
    assert world.step() == "DONE"


def test_of_a_saga_that_has_ended_meanwhile_nothing_is_skipped(world: World, operations: ControlOperations) -> None:
    stuck(world)
    sagas(world).compensated(KEY)
    assert not operations.context.sagas.skip(KEY, "card", REASON)
    assert (world.step("card"), world.meta()) == ("DONE", "COMPENSATED")


def test_what_is_skipped_while_its_undoing_is_at_work_ends_all_the_same(
    world: World, operations: ControlOperations
) -> None:
    world.call(payload("charge", step="card", first=True))
    sagas(world).mark_stuck(KEY, ["card"], "TimeoutError: down")
    command = parse(payload("refund", "compensation", step="card", **LAST))
    book = ExternalLedger(Store(world.services))
    book.claim_undo(command, 3)
    sagas(world).mark_stuck(KEY, ["card"], "TimeoutError: down")
    operations.context.sagas.skip(KEY, "card", REASON)
    book.undone(command)
    assert (world.step("card"), world.meta()) == ("UNDONE", "PARTIALLY_COMPENSATED")


@pytest.mark.usefixtures("operations")
def test_a_saga_that_is_resumed_and_undone_ends_compensated_as_ever(world: World) -> None:
    stuck(world)
    resume(TARGET, "t-1", services=world.services)
    world.call(payload("refund", "compensation", step="card", failure=FAILURE))
    undone(world)
    assert (world.meta(), listing(world, "COMPENSATED"), listing(world, "PARTIALLY_COMPENSATED")) == (
        "COMPENSATED",
        ["t-1"],
        [],
    )


@pytest.mark.usefixtures("operations")
def test_told_again_it_is_announced_as_before(world: World) -> None:
    stuck(world)
    skipped(world)
    undone(world)
    world.published.clear()
    assert retry(TARGET, "t-1", services=world.services) == "PARTIALLY_COMPENSATED"
    assert told(world) == ["saga.compensated"]


@pytest.mark.usefixtures("operations")
@pytest.mark.parametrize("error", ["COMPENSATED", "Runtime.ExitError"])
def test_whoever_ended_it_and_died_before_telling_is_spoken_for(world: World, error: str) -> None:
    stuck(world)
    skipped(world)
    undone(world)
    world.published.clear()
    fail(world, error=error, cause=json.dumps(FAILURE))
    assert (world.meta(), told(world)) == ("PARTIALLY_COMPENSATED", ["saga.compensated"])
