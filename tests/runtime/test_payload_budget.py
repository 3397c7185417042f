"""Payload growth: what no longer fits is refused before anything happens, and compensation always fits."""

from typing import Any

import pytest

from saga_runtime import BadCommand, Rejected
from saga_runtime.client import Target, start
from saga_runtime.envelope import parse
from saga_runtime.errors import BadResult, RejectedPastPivot
from saga_runtime.payload_budget import MIN_RESULT_BUDGET
from saga_runtime.values import FAILURE_BUDGET, LARGEST, MAX_FORWARD_SIZE, MAX_REASON_LENGTH, TASK_BUDGET, size_of
from shop import payload
from world import World

FULL = {"n": "x" * (MAX_FORWARD_SIZE - 300)}
"""An input that leaves no room for anything."""


def test_a_result_without_room_is_a_definite_no_and_nothing_is_committed(world: World) -> None:
    world.shop.answer = {"x": "y" * MAX_FORWARD_SIZE}
    with pytest.raises(Rejected, match=r"the result of reserve needs 221,\d+ bytes, and there is room for .* S3"):
        world.call(payload("reserve", first=True))
    assert (world.stock(), world.step(), world.meta()) == (5, "FAILED", "COMPENSATING")


def test_past_the_pivot_it_is_an_error_and_nothing_is_committed(world: World) -> None:
    world.shop.answer = {"x": "y" * LARGEST}
    with pytest.raises(RejectedPastPivot, match="at most"):
        world.call(payload("reserve", after_pivot=True))
    assert (world.requests, world.step(), world.stock()) == (["UpdateItem"], "TRIED", 5)


def test_past_the_pivot_the_reserve_for_compensation_may_be_used(world: World) -> None:
    world.shop.answer = {"x": "y" * (MAX_FORWARD_SIZE + FAILURE_BUDGET // 2)}
    saga = world.call(payload("reserve", after_pivot=True))
    assert size_of(saga) < LARGEST - TASK_BUDGET


def test_an_external_effect_is_not_begun_when_its_result_may_find_no_room(world: World) -> None:
    with pytest.raises(Rejected, match=f"the result of charge needs {MIN_RESULT_BUDGET:,} bytes"):
        world.call(payload("charge", step="money", given=FULL, first=True))
    assert (world.shop.calls, world.shop.outside, world.step("money")) == ([], {}, "FAILED")


def test_an_external_effect_with_too_large_a_result_is_undone_by_its_key(world: World) -> None:
    results = {"goods": {"x": "y" * (MAX_FORWARD_SIZE - MIN_RESULT_BUDGET - 300)}}
    world.shop.answer = results["goods"]
    world.call(payload("reserve", first=True))
    world.shop.receipt = "z" * 2 * MIN_RESULT_BUDGET
    with pytest.raises(BadResult, match="the result of charge needs"):
        world.call(payload("charge", step="money", results=results))
    assert (world.shop.outside, world.step("money")) == ({"order.t-1.money": "charged"}, "STARTED")
    world.clock[0] += 10
    world.call(payload("refund", "compensation", step="money", results=results, failure={"outcome": "unknown"}))
    assert (world.shop.outside, world.step("money")) == ({}, "UNDONE")


def test_members_of_a_group_share_the_room_because_they_do_not_see_each_other(world: World) -> None:
    group: dict[str, Any] = {"grouped": True, "fences": ["b", "c"]}
    world.shop.answer = {"x": "y" * (MAX_FORWARD_SIZE // 3 - 200)}
    world.call(payload("reserve", step="a", first=True, **group))
    world.shop.answer = {"x": "y" * (MAX_FORWARD_SIZE // 3 + 1)}
    with pytest.raises(Rejected, match="shared by 3 steps at the same time"):
        world.call(payload("reserve", step="a", saga_id="t-2", first=True, **group))


def test_a_saga_that_used_all_its_room_can_still_carry_the_longest_failure_back(world: World) -> None:
    half = "x" * (MAX_FORWARD_SIZE // 2)
    world.shop.answer = {"x": half[: -size_of(payload("reserve")["saga"]) - 50]}
    saga = world.call(payload("reserve", given={"n": half}, first=True))
    assert MAX_FORWARD_SIZE - 100 < size_of(saga) <= MAX_FORWARD_SIZE
    task = {"step": "goods", "operation": "compensation", "handler": "release", "saga": "order", "version": "v1"}
    back = parse({"task": task, "saga": saga}).failed("unknown", "E" * 256, "\U0001f4a5" * 40_000, recorded=False)
    assert size_of(back) <= LARGEST - TASK_BUDGET
    world.call({"task": task, "saga": back})
    assert (world.stock(), world.step()) == (5, "UNDONE")


@pytest.mark.parametrize("style", ["orchestrated", "choreographed"])
@pytest.mark.parametrize("given", [FULL | {"m": "x" * 300}, {"n": float("nan")}, {"n": {"\ud800": 1}}])
def test_a_saga_that_could_not_travel_is_not_started(world: World, style: str, given: Any) -> None:
    target = Target(name="order", version="v1", style=style, where="bus")
    with pytest.raises(BadCommand, match=r"^saga"):
        start(target, "t-1", given, services=world.services)
    assert (world.requests, world.published) == ([], [])


def test_a_saga_that_is_started_can_be_read_by_its_steps(world: World) -> None:
    """The depth is counted from the saga, at the start as on the way."""
    deep: dict[str, Any] = {}
    for _ in range(62):
        deep = {"n": deep}
    start(Target(name="order", version="v1", style="choreographed", where="bus"), "t-1", deep, services=world.services)
    with pytest.raises(BadCommand, match="nested deeper than 64"):
        start(
            Target(name="order", version="v1", style="choreographed", where="bus"),
            "t-2",
            {"n": {"n": deep}},
            services=world.services,
        )
    world.call(payload("reserve", given=deep, first=True))


def test_a_long_or_broken_reason_is_cut_and_mended_not_a_failure_of_its_own(world: World) -> None:
    world.shop.raises = Rejected("sold \ud800ut" + "!" * 500_000)
    with pytest.raises(Rejected, match=r"^sold \?ut!!!"):
        world.call(payload("reserve", first=True))
    assert len(world.item("STEP#0#goods")["err"]) == MAX_REASON_LENGTH


def nested(levels: int) -> Any:
    return [nested(levels - 1)] if levels else 1


ENDLESS: dict[str, Any] = {}
ENDLESS["again"] = ENDLESS


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"x": float("nan")}, "saga.results: JSON has no such number"),
        ({"x": "\ud800"}, "saga.results: half a character"),
        ({"x": 10**5000}, "saga.results: numbers beyond"),
        ({"x": nested(62)}, "nested deeper than 64 levels"),
        (ENDLESS, "nested without end"),
    ],
)
def test_a_result_that_the_next_step_would_refuse_is_refused_before_it_is_committed(
    world: World, answer: Any, text: str
) -> None:
    world.shop.answer = answer
    with pytest.raises(BadResult) as caught:
        world.call(payload("reserve", first=True))
    assert text in str(caught.value)
    assert (world.requests, world.step(), world.stock()) == (["UpdateItem"], "TRIED", 5)
