"""The orchestrated rendering: small, sound, and patient with what deserves it."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_saga import Parallel, Retry, Saga, Step
from cdk_saga.plan import compile_saga
from cdk_saga.render import state_machine
from cdk_saga.render.graph import checked, faults_of
from cdk_saga.render.state_machine import placeholder
from sagas import TRIP, saga, step


def rendered(definition: Saga) -> dict[str, Any]:
    return state_machine(compile_saga(definition), timeouts=dict.fromkeys(definition.participants, 15))


def test_a_state_for_each_task_and_one_failing_end() -> None:
    forward, back = ["flight", "hotel", "transfer"], ["transfer", "hotel", "flight"]
    assert list(rendered(TRIP)["States"]) == [*forward, *(f"{step}.compensation" for step in back), "COMPENSATED"]


def test_the_last_action_ends_the_execution_so_that_n_steps_are_n_transitions() -> None:
    states = rendered(TRIP)["States"]
    path, name = list[str](), "flight"
    while name:
        path.append(name)
        name = states[name].get("Next", "")
    assert path == ["flight", "hotel", "transfer"]
    assert states["transfer"]["End"] is True


@pytest.mark.parametrize(("failing", "transitions"), [("flight", 3), ("hotel", 5), ("transfer", 7)])
def test_an_unknown_failure_at_step_k_is_2k_plus_1_transitions(failing: str, transitions: int) -> None:
    states = rendered(TRIP)["States"]
    path = list(states)[: list(states).index(failing) + 1]
    name = states[failing]["Catch"][-1]["Next"]
    while name:
        path.append(name)
        name = states[name].get("Next", "")
    assert len(path) == transitions


def test_everything_is_caught_whatever_the_name_of_the_error() -> None:
    for name in ("flight", "hotel", "transfer"):
        assert rendered(TRIP)["States"][name]["Catch"][-1]["ErrorEquals"] == ["States.ALL"]


def test_a_rejection_is_never_retried() -> None:
    first = rendered(TRIP)["States"]["hotel"]["Retry"][0]
    assert "Rejected" in first["ErrorEquals"]
    assert first["MaxAttempts"] == 0


def test_a_state_names_only_the_errors_that_its_task_can_meet() -> None:
    states = rendered(TRIP)["States"]
    never = {name: set(states[name]["Retry"][0]["ErrorEquals"]) for name in ("flight", "hotel", "hotel.compensation")}
    any_action = {"Rejected", "BadCommand", "SagaFenced", "BadResult"}
    assert never["flight"] == {*any_action, "InputMismatch"}
    assert never["hotel"] == any_action
    assert never["hotel.compensation"] == {"Rejected", "BadCommand", "BadResult", "InputMismatch", "PastPivot"}


def test_throttles_have_a_ladder_of_their_own() -> None:
    busy, other = rendered(TRIP)["States"]["hotel"]["Retry"][2:]
    assert {"Busy", "Lambda.TooManyRequestsException"} <= set(busy["ErrorEquals"])
    assert busy["MaxAttempts"] > other.get("MaxAttempts", 3)


@given(st.integers(1, 915))
def test_a_running_lease_is_waited_for_however_long_it_is(timeout: int) -> None:
    machine = state_machine(compile_saga(TRIP), timeouts=dict.fromkeys(TRIP.participants, timeout))
    ladder = machine["States"]["hotel"]["Retry"][1]
    assert ladder["ErrorEquals"] == ["Leased"]
    assert "JitterStrategy" not in ladder
    assert (ladder["IntervalSeconds"], ladder["BackoffRate"]) == (timeout, 1), "one wait outlasts it"


def test_a_compensation_has_no_catch_so_that_a_redrive_resumes_exactly_there() -> None:
    assert "Catch" not in rendered(TRIP)["States"]["hotel.compensation"]


def test_throttles_use_no_attempt_of_a_compensations_policy() -> None:
    hasty = Step("a", participant="p", action="do", compensation="undo", compensation_retry=Retry(max_attempts=1))
    ladders = rendered(Saga("s", [hasty]))["States"]["a.compensation"]["Retry"]
    assert [ladder.get("MaxAttempts", 3) for ladder in ladders] == [0, 3, 12, 1]


def test_a_policy_is_rendered_in_full_where_it_differs_from_the_language() -> None:
    policy = Retry(max_attempts=5, interval=2, backoff_rate=3, max_delay=20)
    step = Step("a", participant="p", action="do", compensation="undo", retry=policy)
    assert rendered(Saga("s", [step]))["States"]["a"]["Retry"][-1] == {
        "ErrorEquals": ["States.ALL"],
        "IntervalSeconds": 2,
        "MaxAttempts": 5,
        "BackoffRate": 3,
        "MaxDelaySeconds": 20,
        "JitterStrategy": "FULL",
    }


def test_every_task_has_its_participants_timeout() -> None:
    machine = state_machine(compile_saga(TRIP), timeouts={"flights": 10, "hotels": 20, "transfers": 30})
    timeouts = [state["TimeoutSeconds"] for state in machine["States"].values() if state["Type"] == "Task"]
    assert timeouts == [10, 20, 30, 30, 20, 10]


def test_the_definition_is_constant_text_with_placeholders_for_functions() -> None:
    assert json.loads(json.dumps(rendered(TRIP)))["States"]["hotel"]["Resource"] == "${hotels}"


def test_placeholders_of_different_participants_differ_and_are_alphanumeric() -> None:
    names = ["room-service", "room_service", "roomservice"]
    keys = {placeholder(name) for name in names}
    assert len(keys) == 3
    assert all(key.isalnum() for key in keys)


@given(st.integers(1, 12))
def test_every_machine_is_sound(steps: int) -> None:
    assert faults_of(rendered(saga(*(f"s{i}" for i in range(steps))))) == []


Damage = Callable[[dict[str, Any]], object]
DAMAGES: list[tuple[Damage, str]] = [
    (lambda states: states["hotel"].update(Next="nowhere"), "hotel leads to nowhere, which is no state"),
    (lambda states: states["flight"].update(Next="transfer"), "hotel is unreachable"),
    (lambda states: states["transfer"].pop("End"), "transfer neither ends nor goes on"),
    (lambda states: states["hotel"]["Catch"][0].update(Next="lost"), "hotel leads to lost, which is no state"),
]


@pytest.mark.parametrize(("damage", "fault"), DAMAGES)
def test_a_damaged_machine_is_refused(damage: Damage, fault: str) -> None:
    machine = rendered(TRIP)
    damage(machine["States"])
    with pytest.raises(ValueError, match=fault):
        checked(machine)


def test_after_the_pivot_nothing_is_caught_so_that_a_redrive_resumes_forward() -> None:
    pivoted = Saga("order", [step("pay"), dataclasses.replace(step("ship"), pivot=True), step("tell", undo=False)])
    states = rendered(pivoted)["States"]
    assert "Catch" in states["ship"]
    assert "Catch" not in states["tell"]
    assert states["tell"]["End"] is True


STAY = Parallel("stay", step("hotel"), [step("car"), step("fuel")])


def test_a_group_is_a_parallel_state_whose_failure_is_caught_as_a_whole() -> None:
    group = rendered(Saga("tour", [step("flight"), STAY, step("guide")]))["States"]["stay"]
    assert [list(branch["States"]) for branch in group["Branches"]] == [["hotel"], ["car", "fuel"]]
    assert [catch["Next"] for catch in group["Catch"]] == ["stay.compensation", "stay.compensation"]
    assert all("Catch" not in state for branch in group["Branches"] for state in branch["States"].values())
    assert group["Next"] == "guide"


def test_a_group_is_undone_in_parallel_each_branch_in_reverse() -> None:
    back = rendered(Saga("tour", [step("flight"), STAY]))["States"]["stay.compensation"]
    names = [list(branch["States"]) for branch in back["Branches"]]
    assert names == [["hotel.compensation"], ["fuel.compensation", "car.compensation"]]
    assert "Catch" not in back
    assert back["Next"] == "flight.compensation"


def test_a_compensation_that_is_given_up_leads_to_the_next_one_by_name() -> None:
    onward = Saga("tour", [step("flight"), STAY], on_compensation_failure="continue")
    back = rendered(onward)["States"]["stay.compensation"]
    hotel, car = (branch["States"] for branch in back["Branches"])
    assert hotel["hotel.compensation"]["Catch"][0]["Next"] == "hotel.stuck"
    assert hotel["hotel.stuck"] == {"Type": "Succeed"}
    assert car["fuel.compensation"]["Catch"][0]["Next"] == "car.compensation"
    assert "'stuck':[$states.input.failure.stuck,'fuel']" in car["fuel.compensation"]["Catch"][0]["Output"]
    assert "Catch" not in rendered(onward)["States"]["flight.compensation"]


def test_a_step_that_waits_is_one_state_that_goes_on_by_its_token() -> None:
    waiting = Saga("tour", [dataclasses.replace(step("ask"), callback_timeout=3600), step("hotel")])
    state = state_machine(compile_saga(waiting), timeouts=dict.fromkeys(waiting.participants, 30))["States"]["ask"]
    assert state["Resource"] == "${0wait}"
    assert state["Arguments"]["FunctionName"] == f"${{{placeholder(step('ask').participant)}}}"
    assert state["Arguments"]["Payload"]["token"].endswith("$states.context.Task.Token%}")
    assert state["TimeoutSeconds"] == 3630
    assert {"ErrorEquals": ["States.Timeout"], "MaxAttempts": 1} in state["Retry"]
    assert state["Next"] == "hotel"


def test_a_dangling_arrow_inside_a_branch_is_found() -> None:
    machine = rendered(Saga("tour", [STAY]))
    machine["States"]["stay"]["Branches"][1]["States"]["car"]["Next"] = "hotel"
    assert "car leads to hotel, which is no state" in faults_of(machine)
