"""Recovery of the orchestrated style: an execution that dies is told to its saga, which goes on from the ledger."""

import json
from typing import Any

import pytest

from recovery_fixture import STEPS, fail, told
from saga_runtime.client import Target, status
from saga_runtime.errors import Busy
from saga_runtime.ledger import SagaKey
from saga_runtime.recovery import SagaContext
from shop import payload
from world import World


@pytest.mark.parametrize("status", ["ABORTED", "TIMED_OUT", "FAILED"])
def test_an_execution_that_dies_is_fenced_and_run_again_to_its_compensation(world: World, status: str) -> None:
    world.call(payload("reserve", first=True))
    again = fail(world, status=status)
    assert (again.started, again.backs) == (["a"], ["goods"])
    assert (world.meta(), told(world)) == ("COMPENSATING", [])


def test_what_died_runs_again_on_the_version_it_started_with(world: World) -> None:
    world.call(payload("reserve", first=True))
    assert fail(world, status="ABORTED", stateMachineArn="newest", stateMachineVersionArn="machine").started == ["a"]


def test_an_execution_that_dies_again_and_again_is_stuck(world: World) -> None:
    world.call(payload("reserve", first=True))
    assert fail(world, status="ABORTED", again="c").started == []
    assert (world.meta(), told(world)) == ("STUCK", ["saga.stuck"])


def test_an_execution_that_fails_on_its_compensation_is_stuck(world: World) -> None:
    world.call(payload("reserve", first=True))
    fail(world, status="ABORTED")
    cause = json.dumps({"errorMessage": "down", "errorType": "RuntimeError", "stackTrace": ["File x"]})
    assert fail(world, error="RuntimeError", cause=cause).started == []
    assert (world.meta(), told(world)) == ("STUCK", ["saga.stuck"])
    assert world.item("META")["err"] == "RuntimeError: down"
    assert json.loads(world.published[0]["Detail"])["failure"]["Cause"] == "down"


@pytest.mark.parametrize(
    ("execution", "why"),
    [
        ({"status": "ABORTED"}, "card: unknown: the execution was aborted"),
        (
            {"error": "Runtime.ExitError", "cause": '{"errorMessage": "exit status 1"}'},
            "card: unknown: Runtime.ExitError: exit status 1",
        ),
        (
            {"error": "COMPENSATED", "cause": '{"step": "card", "outcome": "unknown", "Error": "E", "Cause": "c"}'},
            "card: unknown: E: c",
        ),
    ],
)
def test_what_an_execution_died_of_is_why_the_saga_goes_back(world: World, execution: dict[str, Any], why: str) -> None:
    world.call(payload("reserve", first=True))
    fail(world, **execution)
    assert world.item("META")["why"] == why


def test_a_stuck_external_compensation_is_stuck_at_its_own_step(world: World) -> None:
    world.call(payload("reserve", first=True))
    world.call(payload("charge", step="card"))
    fail(world, status="ABORTED")
    world.shop.raises = RuntimeError("down")
    with pytest.raises(RuntimeError):
        world.call(payload("refund", "compensation", step="card", failure={"outcome": "unknown", "recorded": True}))
    fail(world, error="RuntimeError", cause="down")
    assert world.item("META")["stuck"] == "card"


def test_a_compensated_execution_needs_no_answer(world: World) -> None:
    world.call(payload("release", "compensation", failure={"outcome": "rejected"}, ends={"compensated": "COMPENSATED"}))
    world.published.clear()
    assert fail(world, error="COMPENSATED", cause='{"outcome": "rejected"}').started == []
    assert (world.meta(), told(world)) == ("COMPENSATED", [])


@pytest.mark.parametrize("error", ["COMPENSATED", "Runtime.ExitError"])
def test_whoever_closed_a_saga_and_died_before_telling_is_spoken_for(world: World, error: str) -> None:
    world.call(payload("release", "compensation", failure={"outcome": "unknown"}, ends={"compensated": "COMPENSATED"}))
    world.published.clear()
    fail(world, error=error, cause='{"outcome": "unknown"}')
    assert told(world) == ["saga.compensated"]


def test_an_execution_through_with_nothing_to_undo_is_closed(world: World) -> None:
    fail(world, error="COMPENSATED", cause="no answer")
    assert (world.meta(), told(world)) == ("COMPENSATED", ["saga.compensated"])


class Died(BaseException):
    """As a function does: nothing catches it."""


def dying_at_the_bus(world: World, **execution: Any) -> None:
    """Recovery dies between what it tells the ledger and what it publishes it."""

    def die(**_: Any) -> None:
        raise Died

    bus = world.services.events.meta.events
    bus.register_first("before-call.events.PutEvents", die)
    with pytest.raises(Died):
        fail(world, **execution)
    bus.unregister("before-call.events.PutEvents", die)
    world.published.clear()


def test_a_recovery_that_died_before_telling_anybody_tells_it_when_called_again(world: World) -> None:
    world.call(payload("reserve", first=True))
    fail(world, status="ABORTED")
    dying_at_the_bus(world, error="RuntimeError")
    fail(world, error="RuntimeError")
    assert (world.meta(), told(world)) == ("STUCK", ["saga.stuck"])


def test_a_saga_closed_by_a_recovery_that_died_is_announced_by_the_next(world: World) -> None:
    dying_at_the_bus(world, error="COMPENSATED")
    fail(world, error="COMPENSATED")
    assert (world.meta(), told(world)) == ("COMPENSATED", ["saga.compensated"])


def test_an_execution_of_a_saga_cancelled_before_it_began_is_closed(world: World) -> None:
    SagaContext("order", STEPS, world.services, "v1").sagas.abort(SagaKey("order", "t-1"), tuple(STEPS))
    fail(world, error="COMPENSATED")
    assert (world.meta(), told(world)) == ("COMPENSATED", ["saga.compensated"])


def test_an_execution_that_died_before_its_saga_began_leaves_what_it_was_started_with(world: World) -> None:
    fail(world, error="COMPENSATED", cause='{"step": "goods", "outcome": "unknown", "Error": "E", "Cause": "c"}')
    target = Target(name="order", version="v2", style="orchestrated", where="machine", ledger="ledger")
    seen = status(target, "t-1", services=world.services)
    assert (seen.version, seen.input, seen.started) == ("v1", {"n": 1}, 1_000_000)
    assert (seen.state, seen.why, seen.failed_at) == ("COMPENSATED", "goods: unknown: E: c", "goods")


def test_an_execution_under_a_taken_id_is_left_alone(world: World) -> None:
    world.call(payload("reserve", first=True, given={"n": 9}))
    assert fail(world, status="ABORTED").started == []
    assert (world.meta(), told(world)) == ("RUNNING", [])


def test_an_execution_that_fails_after_the_pivot_is_stuck_at_the_next_step(world: World) -> None:
    world.call(payload("reserve", first=True, pivot=True))
    assert fail(world, error="RuntimeError", cause="down").started == []
    assert (told(world), world.meta(), world.item("META")["stuck"]) == (["saga.stuck"], "COMMITTED", "card")


def test_a_no_after_the_pivot_is_stuck_at_once_for_its_own_reason(world: World) -> None:
    world.call(payload("reserve", first=True, pivot=True))
    assert fail(world, error="RejectedPastPivot", cause="closed").started == []
    assert world.item("META")["err"] == "RejectedPastPivot: closed"


@pytest.mark.parametrize("died", [{"status": "ABORTED"}, {"error": "PastPivot"}])
def test_an_execution_that_dies_after_the_pivot_is_run_again_to_go_forward(world: World, died: dict[str, Any]) -> None:
    world.call(payload("reserve", first=True, pivot=True))
    assert fail(world, **died).started == ["a"]
    assert (world.meta(), "fence" in world.item("STEP#0#card")) == ("COMMITTED", False)


def test_an_event_that_says_all_is_believed_and_nothing_is_asked(world: World) -> None:
    world.call(payload("reserve", first=True))
    states = fail(world, status="ABORTED", late=True)
    assert (states.started, states.described) == (["a"], 0)


@pytest.mark.parametrize("unsaid", ["input", "error", "stateMachineVersionArn"])
def test_a_saga_that_has_not_ended_is_described_when_the_event_leaves_something_out(world: World, unsaid: str) -> None:
    world.call(payload("reserve", first=True))
    states = fail(world, error="Runtime.ExitError", unsaid=[unsaid])
    assert (states.started, states.described) == (["a"], 1)


@pytest.mark.parametrize("unsaid", [("input",), ("input", "stateMachineVersionArn")])
def test_a_saga_that_has_ended_in_the_ledger_is_not_described(world: World, unsaid: tuple[str, ...]) -> None:
    world.call(payload("release", "compensation", failure={"outcome": "unknown"}, ends={"compensated": "COMPENSATED"}))
    states = fail(world, error="COMPENSATED", cause='{"outcome": "unknown", "published": true}', unsaid=unsaid)
    assert (states.described, told(world)) == (0, ["saga.compensated"])


def test_step_functions_that_has_not_heard_of_the_end_is_asked_again_later(world: World) -> None:
    world.call(payload("reserve", first=True))
    with pytest.raises(Busy, match="ask later"):
        fail(world, late=True, unsaid=["status", "error", "cause"])
    assert (world.meta(), told(world)) == ("RUNNING", [])


def test_the_events_own_status_and_error_win_over_a_late_description(world: World) -> None:
    world.call(payload("reserve", first=True))
    assert fail(world, late=True, status="ABORTED", unsaid=["input"]).started == ["a"]


GOODS: dict[str, Any] = {"results": {"goods": {"reservation": "r-1"}}}


@pytest.mark.parametrize("entered", [[GOODS], ["no saga", {"results": {}}, GOODS]], ids=["last", "earlier"])
@pytest.mark.parametrize("error", ["RuntimeError", "COMPENSATED"])
def test_an_execution_that_knew_more_than_the_ledger_leaves_its_saga_stuck(
    world: World, error: str, entered: list[Any]
) -> None:
    assert fail(world, error=error, cause="down", entered=entered).started == []
    assert (world.meta(), told(world)) == ("STUCK", ["saga.stuck"])
    meta = world.item("META")
    assert (meta["stuck"], json.loads(meta["claims"])) == ("goods", GOODS["results"])
    assert "of which the ledger knows nothing" in meta["err"]


def test_an_execution_that_knew_what_the_ledger_knows_goes_back(world: World) -> None:
    world.call(payload("reserve", first=True))
    assert fail(world, status="ABORTED", entered=[GOODS]).started == ["a"]
    assert world.meta() == "COMPENSATING"
