"""The one thing that constructs and runtime share: the command. They never import each other; this test ties them."""

import json
from dataclasses import replace
from typing import Any

import pytest
from jsonata import Jsonata  # pyright: ignore[reportMissingTypeStubs]

from cdk_saga import NOTHING_TO_UNDO, Saga, Step
from cdk_saga.plan import STARTED, compile_saga
from cdk_saga.render import routes, state_machine
from cdk_saga.render.routes import RECEIVED
from saga_runtime import errors
from saga_runtime.client import Target, start
from saga_runtime.command import Command
from saga_runtime.envelope import parse
from saga_runtime.services import Services
from saga_runtime.values import MAX_REASON_LENGTH
from sagas import TRIP

AT = "2027-01-15T08:00:00.123Z"
CONTEXT = {"State": {"RetryCount": 0}, "Execution": {"Name": "t-1", "StartTime": AT}}
PLAN = compile_saga(TRIP)
MACHINE = state_machine(PLAN, timeouts=dict.fromkeys(TRIP.participants, 15))


def started(style: str) -> dict[str, Any]:
    """What `start` puts on its way."""
    sent: list[str] = []

    class Aws:
        def start_execution(self, *, input: str, **_: Any) -> None:  # AWS's
            sent.append(input)

        def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, int]:  # noqa: N803 # AWS's
            sent.append(Entries[0]["Detail"])
            return {"FailedEntryCount": 0}

    target = Target(name=TRIP.name, version=TRIP.version, style=style, where="somewhere")
    start(target, "t-1", {"seats": 1}, services=Services(client=lambda _: Aws(), now=lambda: 1e9))
    return json.loads(sent[0])


def evaluated(value: Any, states: dict[str, Any]) -> Any:
    """A value of the States language, its JSONata evaluated."""
    if isinstance(value, dict):
        return {key: evaluated(item, states) for key, item in value.items()}
    if isinstance(value, str) and value.startswith("{%"):
        expression = Jsonata(value[2:-2])
        expression.assign("states", states)
        return expression.evaluate(None)
    return value


def orchestrated(state: str, saga: dict[str, Any]) -> Command:
    """The command that a state of the machine sends."""
    return parse(evaluated(MACHINE["States"][state]["Arguments"], {"input": saga, "context": CONTEXT}))


def choreographed(step: str, operation: str, saga: dict[str, Any]) -> Command:
    """The command that a rule puts into a queue."""
    route = next(r for r in routes(PLAN) if (r.step, r.operation) == (step, operation))
    text = route.input_template.replace("<saga>", json.dumps(saga))
    return parse(json.loads(text.replace("<event>", STARTED).replace(RECEIVED, AT)))


def begun() -> dict[str, Any]:
    """A saga's state once it has begun."""
    return orchestrated("flight", started("orchestrated")).saga


def test_a_saga_starts_with_the_same_words_in_both_styles() -> None:
    assert started("orchestrated") == started("choreographed")


@pytest.mark.parametrize("operation", ["action", "compensation"])
@pytest.mark.parametrize("step", ["flight", "hotel", "transfer"])
def test_both_styles_send_the_same_command(step: str, operation: str) -> None:
    saga = started("orchestrated") if (step, operation) == ("flight", "action") else begun()
    state = step if operation == "action" else f"{step}.{operation}"
    one, other = orchestrated(state, saga), choreographed(step, operation, saga)
    assert one == other
    assert (one.step, one.operation, one.saga_version, one.attempt) == (step, operation, TRIP.version, 1)


def test_a_caught_error_is_the_failure_that_the_runtime_reads() -> None:
    output = {"Error": "Sandbox.Timedout", "Cause": "Task timed out after 3.00 seconds"}
    for catch, outcome in zip(MACHINE["States"]["hotel"]["Catch"], ("rejected", "unknown"), strict=True):
        saga = evaluated(catch["Output"], {"input": begun(), "errorOutput": output})
        command = orchestrated("hotel.compensation", saga)
        assert command.failure == {"step": "hotel", "outcome": outcome, **output}
        assert command.starts_compensation is (outcome == "unknown")


def test_a_first_step_that_fails_is_compensated_as_the_deployment_began_it() -> None:
    catch = MACHINE["States"]["flight"]["Catch"][-1]
    forged = {**started("orchestrated"), "results": {}, "version": "0", "started": 1}
    known = {"input": forged, "context": CONTEXT, "errorOutput": {"Error": "Boom", "Cause": "boom"}}
    command = orchestrated("flight.compensation", evaluated(catch["Output"], known))
    assert {**command.saga, "failure": None} == begun()


def test_a_retry_is_counted_as_another_attempt() -> None:
    arguments = MACHINE["States"]["hotel"]["Arguments"]
    context = {"State": {"RetryCount": 2}}
    assert parse(evaluated(arguments, {"input": begun(), "context": context})).attempt == 3


def test_the_errors_that_the_machine_knows_are_classes_of_the_runtime() -> None:
    steps = [Step("ask", participant="p", action="do", compensation="undo", callback_timeout=60, pivot=True)]
    steps += [Step("send", participant="p", action="do", compensation=NOTHING_TO_UNDO)]
    machine = state_machine(compile_saga(Saga("ask", steps)), timeouts={"p": 30})
    ladders = [ladder for state in machine["States"].values() for ladder in state.get("Retry", ())]
    known = {name for ladder in ladders for name in ladder["ErrorEquals"] if "." not in name}
    assert known == {
        "BadCommand", "BadResult", "Busy", "InputMismatch", "Leased", "PastPivot", "Rejected", "RejectedPastPivot",
        "SagaFenced", "CallbackTimedOut",
    }  # fmt: skip
    assert all(issubclass(getattr(errors, name), Exception) for name in known)


def test_what_a_function_answers_is_what_the_next_state_reads() -> None:
    command = orchestrated("flight", started("orchestrated"))
    answer = command.with_result({"seat": "1A"}).saga
    assert orchestrated("hotel", answer).results == {"flight": {"seat": "1A"}}
    assert replace(orchestrated("hotel", answer), results={}, saga={}) == replace(
        choreographed("hotel", "action", answer), results={}, saga={}
    )


def test_the_machine_cuts_an_errors_text_as_the_runtime_does() -> None:
    output = {"Error": "Boom", "Cause": "x" * 32_768}
    catch = MACHINE["States"]["hotel"]["Catch"][-1]
    saga = evaluated(catch["Output"], {"input": started("orchestrated"), "errorOutput": output})
    assert len(saga["failure"]["Cause"]) == MAX_REASON_LENGTH
