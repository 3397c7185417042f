"""Groups: several steps at the same time, undone together, and joined once."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_saga import DefinitionError, Parallel, Saga, Step
from cdk_saga.plan import STARTED, Ending, Fork, Join, Operation, Outcome, Plan, TaskId, compile_saga
from sagas import step

ACTION, COMPENSATION = Operation.ACTION, Operation.COMPENSATION
STAY = Parallel("stay", step("hotel"), [step("car"), step("fuel")])
TOUR = Saga("tour", [step("flight"), STAY, step("guide")])


def do(name: str) -> TaskId:
    return TaskId(name, ACTION)


def undo(name: str) -> TaskId:
    return TaskId(name, COMPENSATION)


def on(definition: Saga) -> dict[Any, dict[Outcome, Any]]:
    plan = compile_saga(definition)
    return {row.id: dict(row.on) for row in (*plan.tasks, *plan.groups)}


def test_a_group_begins_after_what_comes_before_and_ends_before_what_comes_after() -> None:
    plan = on(TOUR)
    assert plan[do("flight")][Outcome.SUCCEEDED] == Fork("stay", ACTION)
    assert plan[Fork("stay", ACTION)][Outcome.SUCCEEDED] == do("guide")


def test_a_branch_goes_on_by_itself_and_then_waits_for_the_others() -> None:
    plan = on(TOUR)
    assert plan[do("car")][Outcome.SUCCEEDED] == do("fuel")
    assert [plan[do(name)][Outcome.SUCCEEDED] for name in ("hotel", "fuel")] == [Join("stay", ACTION)] * 2


def test_when_a_member_fails_the_whole_group_is_undone() -> None:
    plan = on(TOUR)
    back = Fork("stay", COMPENSATION)
    for name in ("hotel", "car", "fuel"):
        assert (plan[do(name)][Outcome.REJECTED], plan[do(name)][Outcome.UNKNOWN]) == (back, back)
    assert plan[do("guide")][Outcome.REJECTED] == back


def test_each_branch_is_undone_in_reverse_and_then_what_came_before() -> None:
    plan = on(TOUR)
    assert plan[undo("fuel")][Outcome.COMPENSATED] == undo("car")
    assert plan[undo("car")][Outcome.COMPENSATED] == Join("stay", COMPENSATION)
    assert plan[Fork("stay", COMPENSATION)][Outcome.COMPENSATED] == undo("flight")


def test_a_group_may_open_a_saga_and_end_it() -> None:
    plan = compile_saga(Saga("tour", [STAY]))
    assert plan.start == Fork("stay", ACTION)
    assert plan.group(Fork("stay", ACTION)).on[Outcome.SUCCEEDED] is Ending.COMPLETED
    assert plan.group(Fork("stay", COMPENSATION)).on[Outcome.COMPENSATED] is Ending.COMPENSATED


def test_a_group_with_nothing_to_undo_is_passed_by() -> None:
    quotes = Parallel("quotes", step("a", undo=False), step("b", undo=False))
    plan = on(Saga("tour", [step("flight"), quotes, step("guide")]))
    assert plan[do("a")][Outcome.REJECTED] == undo("flight")
    assert plan[undo("guide")][Outcome.COMPENSATED] == undo("flight")


def test_after_the_pivot_a_group_goes_only_forward() -> None:
    plan = on(Saga("tour", [replace(step("pay"), pivot=True), STAY]))
    assert plan[do("car")][Outcome.UNKNOWN] is Ending.STUCK
    assert Fork("stay", COMPENSATION) not in plan


def payload(plan: Plan, task: TaskId) -> dict[str, Any]:
    return plan.payload(next(row for row in plan.tasks if row.id == task))


def test_the_last_of_a_branch_knows_whom_to_wait_for_and_what_it_means() -> None:
    plan = compile_saga(Saga("tour", [STAY]))
    members = ["hotel", "car", "fuel"]
    assert payload(plan, do("fuel"))["join"] == {"group": "stay", "steps": members, "ends": {"succeeded": "COMPLETED"}}
    back = ["hotel", "fuel", "car"]
    assert payload(plan, undo("car"))["join"] == {
        "group": "stay",
        "steps": back,
        "ends": {"compensated": "COMPENSATED"},
    }
    assert "join" not in payload(plan, do("car"))


def test_a_member_knows_whom_to_fence_when_it_is_rejected() -> None:
    assert payload(compile_saga(TOUR), do("car"))["fences"] == ["hotel", "fuel"]


def test_members_react_to_what_starts_their_group_and_the_group_speaks_for_them() -> None:
    plan = compile_saga(TOUR)
    assert plan.events_to(do("hotel")) == plan.events_to(do("car")) == ("flight.succeeded",)
    assert plan.events_to(do("guide")) == ("stay.succeeded",)
    assert plan.events_to(undo("flight")) == ("flight.unknown", "stay.compensated")
    assert set(plan.events_to(undo("fuel"))) >= {"hotel.rejected", "car.unknown", "guide.rejected", "guide.compensated"}


WRONG: list[tuple[Any, str]] = [
    (lambda: Parallel("stay", step("hotel")), "has 1 branches: give it two or more"),
    (lambda: Parallel("stay", step("hotel"), []), "has an empty branch"),
    (lambda: Parallel("stay", step("hotel"), replace(step("pay"), pivot=True)), "a pivot stands alone"),
    (lambda: Parallel("", step("hotel"), step("car")), "has no name"),
    (lambda: Parallel("stay", step("hotel"), cast(Any, ["car"])), "'car' is not a step"),
    (lambda: Saga("tour", [STAY, step("hotel")]), "two steps named 'hotel'"),
    (lambda: Saga("tour", [STAY, step("stay")]), "two steps named 'stay'"),
]


@pytest.mark.parametrize(("make", "text"), WRONG, ids=[text for _, text in WRONG])
def test_a_group_that_cannot_mean_anything_is_refused(make: Any, text: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        make()
    assert text in str(caught.value)


def _names() -> Iterator[str]:
    yield from (f"s{i}" for i in range(99))


@st.composite
def groups(draw: st.DrawFn) -> Saga:
    names, parts = _names(), list[Step | Parallel]()
    for number in range(draw(st.integers(1, 4))):
        lengths = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
        branches = [[step(next(names), undo=draw(st.booleans())) for _ in range(length)] for length in lengths]
        parts.extend(branches[0] if len(branches) == 1 else [Parallel(f"g{number}", *branches)])
    return Saga("tour", parts)


@given(groups())
def test_every_task_is_led_to_and_every_event_that_is_told_leads_somewhere(definition: Saga) -> None:
    plan = compile_saga(definition)
    heard = {event for task in plan.tasks for event in plan.events_to(task.id)}
    assert all(plan.events_to(task.id) for task in plan.tasks)
    told = {STARTED}
    for row in (*plan.tasks, *plan.groups):
        name = row.id.step if isinstance(row.id, TaskId) else row.id.group
        told |= {f"{name}.{outcome}" for outcome, to in row.on.items() if isinstance(to, TaskId | Fork)}
    assert heard == told
