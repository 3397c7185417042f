"""The choreographed rendering: who reacts to what."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cdk_saga import Retry, Saga
from cdk_saga.plan import compile_saga
from cdk_saga.render import Route, routes
from sagas import TRIP, saga, step


def by_task() -> dict[tuple[str, str], Route]:
    return {(route.step, route.operation.value): route for route in routes(compile_saga(TRIP))}


def test_each_task_reacts_to_exactly_what_leads_to_it() -> None:
    assert {task: set(route.detail_types) for task, route in by_task().items()} == {
        ("flight", "action"): {"saga.started", f"saga.started.{TRIP.version}"},
        ("hotel", "action"): {"flight.succeeded"},
        ("transfer", "action"): {"hotel.succeeded"},
        ("transfer", "compensation"): {"transfer.unknown"},
        ("hotel", "compensation"): {"hotel.unknown", "transfer.rejected", "transfer.compensated"},
        ("flight", "compensation"): {"flight.unknown", "hotel.rejected", "hotel.compensated"},
    }


def test_a_rule_matches_its_own_saga_and_version_only() -> None:
    pattern = by_task()["hotel", "action"].pattern
    assert pattern["source"] == ["saga.trip"]
    assert pattern["detail"] == {"version": [TRIP.version]}


def test_a_step_that_waits_is_delivered_again_for_each_half_day_as_its_message_is_its_timer() -> None:
    waiting = Saga("order", [replace(step("pay"), callback_timeout=100_000, retry=Retry(max_attempts=2)), step("ship")])
    assert [route.receives(90) for route in routes(compile_saga(waiting))[:2]] == [1 + 2 + 16 + 3, 1 + 3 + 16]


def test_the_message_is_the_command_that_a_state_machine_passes() -> None:
    route = by_task()["hotel", "action"]
    message = json.loads(route.input_template.replace("<saga>", '{"id": "t-1"}'))
    assert message["saga"] == {"id": "t-1"}
    assert {**message["task"], "retry": None} == {
        "step": "hotel",
        "operation": "action",
        "handler": "book_hotel",
        "saga": "trip",
        "version": TRIP.version,
        "retry": None,
    }


def test_the_queue_carries_the_retry_ladder_because_no_engine_applies_it() -> None:
    assert by_task()["hotel", "action"].task["retry"] == {
        "max_attempts": 3,
        "interval": 1,
        "backoff_rate": 2.0,
        "max_delay": 60,
    }


@given(st.integers(1, 12))
def test_every_event_that_a_task_can_send_has_exactly_one_receiver(steps: int) -> None:
    plan = compile_saga(saga(*(f"s{i}" for i in range(steps))))
    received = [kind for route in routes(plan) for kind in route.detail_types]
    assert len(received) == len(set(received))
