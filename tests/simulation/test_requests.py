"""What a saga asks of AWS: no more than it has to, and nothing that boto3 would refuse to send."""

import json
from collections import Counter
from typing import Any, cast

import botocore.session
import pytest
from botocore.validate import ParamValidator

from cdk_saga.plan import compile_saga
from cdk_saga.testing import Cancel, Crash, Duplicate, Fault, NamelessErrors, Run, Schedule
from cdk_saga.testing.clock import START
from cdk_saga.testing.faults import Faults
from cdk_saga.testing.services.function import Function
from cdk_saga.testing.services.requests import Request
from cdk_saga.testing.styles import MARGIN, Choreographed
from cdk_saga.testing.world import BUS, World
from saga_runtime import client
from saga_runtime.services import Services
from simulation.participants import effects, simulation
from simulation.search import STYLES, Scenario, scenarios, search
from simulation.shapes import saga


def requests(shape: str, style: str) -> Counter[str]:
    run = simulation(saga(shape), style).run()
    return Counter(entry.what for entry in run.trace.requests() if entry.what != "Charge")


@pytest.mark.parametrize("style", STYLES)
def test_a_step_of_mode_t_is_one_request_to_dynamodb(style: str) -> None:
    told = requests("TTT", style)
    assert told.pop("PutEvents") == (1 if style == "orchestrated" else 3)
    assert told == {"TransactWriteItems": 3}


@pytest.mark.parametrize("style", STYLES)
def test_a_step_of_mode_x_is_two(style: str) -> None:
    told = requests("XXX", style)
    del told["PutEvents"]
    assert told.total() == 6


TO_THE_LEDGER = ("TransactWriteItems", "UpdateItem", "GetItem", "PutItem", "Query")
LOCAL, EXTERNAL = "TT", "XT"
COPY, REDELIVERY = (Duplicate("a.action", after=60, kind=kind) for kind in ("copy", "redelivery"))


def of_second_delivery(shape: str, style: str, task: str, fault: Fault) -> list[str]:
    """What the second delivery of a task asks of the ledger."""
    given = {"rejected": ["b"]} if task == "a.compensation" else {}
    run = simulation(saga(shape), style).run(given, faults=[fault])
    made = [entry.what for entry in run.trace.requests() if entry.task == task and entry.what in TO_THE_LEDGER]
    calm = simulation(saga(shape), style).run(given)
    once = [entry.what for entry in calm.trace.requests() if entry.task == task and entry.what in TO_THE_LEDGER]
    assert made[: len(once)] == once
    return made[len(once) :]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("shape", [LOCAL, EXTERNAL])
def test_a_copy_of_a_command_is_one_request(style: str, shape: str) -> None:
    assert of_second_delivery(shape, style, "a.action", COPY) == ["TransactWriteItems"]


@pytest.mark.parametrize("shape", [LOCAL, EXTERNAL])
def test_what_the_queue_delivers_again_reads_the_attempts_first(shape: str) -> None:
    """A message of which SQS counts an earlier receive may have had an attempt that raised: one request more."""
    made = of_second_delivery(shape, "choreographed", "a.action", REDELIVERY)
    assert made == ["GetItem", "TransactWriteItems"]


@pytest.mark.parametrize(("style", "read"), [("orchestrated", []), ("choreographed", ["GetItem"])])
@pytest.mark.parametrize(("shape", "undo"), [(LOCAL, ["TransactWriteItems"]), (EXTERNAL, ["UpdateItem", "UpdateItem"])])
def test_a_compensation_delivered_again_makes_as_many(style: str, shape: str, undo: list[str], read: list[str]) -> None:
    """An external one first opens the phase of compensation, and then asks for its claim; a local one does both."""
    fault = Duplicate("a.compensation", after=60, kind="redelivery")
    assert of_second_delivery(shape, style, "a.compensation", fault) == [*read, *undo]


@pytest.mark.parametrize("style", STYLES)
def test_every_request_is_one_that_boto3_sends(style: str, monkeypatch: pytest.MonkeyPatch) -> None:
    send = Request.send
    session = botocore.session.get_session()
    models = {name: session.get_service_model(name) for name in ("dynamodb", "events", "sqs", "stepfunctions")}
    problems: dict[str, str] = {}

    def checked(request: Request) -> Any:
        if request.service in models:
            shape = models[request.service].operation_model(request.operation).input_shape
            report = ParamValidator().validate(request.parameters, cast(Any, shape))
            problems[request.operation] = problems.get(request.operation, "") + report.generate_report()
        return send(request)

    monkeypatch.setattr(Request, "send", checked)
    for given in ({}, {"broken": ["b.action"]}, {"rejected": ["b"], "broken": ["a.compensation"]}):
        simulation(saga("XTX"), style).run(given, faults=[Crash("c.action"), Cancel("c.action", attempt=2)])
    assert set(problems.values()) == {""}, problems
    assert {"TransactWriteItems", "UpdateItem", "Query", "PutEvents"} <= problems.keys()


@pytest.mark.parametrize("shape", ["TTT", "T(T|T)", "TT!T"])
def test_errors_without_their_names_cost_a_compensation_that_finds_nothing_and_no_more(shape: str) -> None:
    for scenario in scenarios([shape], ["orchestrated"]):
        named, nameless = scenario.runner()([]), scenario.runner()([NamelessErrors()])
        assert nameless.ending == named.ending, str(scenario)
        assert changes(nameless) == changes(named), str(scenario)


def changes(run: Run) -> list[tuple[str, int]]:
    return [(effect.step, effect.amount) for effect in effects(run)]


def test_a_saga_is_started_as_the_client_starts_it() -> None:
    definition, world = saga("TT", deadline=60), World(Schedule.calm(), Faults(), {})
    run = simulation(definition, "choreographed").run({"n": 1})
    target = client.Target(
        name="order", version=definition.version, style="choreographed", where=BUS, deadline=definition.deadline
    )
    client.start(target, "s-1", {"n": 1}, services=Services(now=lambda: START, client=world.client))
    ours, theirs = run.world.bus.events[0], world.bus.events[0]
    assert (ours.source, ours.detail_type) == (theirs.source, theirs.detail_type)
    assert json.loads(ours.detail) == json.loads(theirs.detail)


def test_the_resources_are_wired_as_the_constructs_wire_them() -> None:
    from cdk_saga.aws import orchestrated, recovery_environment  # noqa: PLC0415 # half a second

    assert orchestrated.MARGIN == MARGIN
    definition = saga("T!X(T|T)")
    told = recovery_environment.recovery_environment(compile_saga(definition))
    ours = Choreographed(definition, {}, Function("recovery", print, 1)).environment()
    del (
        ours["SAGA_LATE_ALARM_AFTER"],
        ours["SAGA_SILENT"],
    )  # the watchdog's, in the templates too: tests/stacks/test_alarms.py
    assert {name: value.replace(" ", "") for name, value in ours.items()} == told


def test_a_finding_shows_what_went_wrong_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from cdk_saga.testing import transitions  # noqa: PLC0415

    monkeypatch.setitem(transitions.SAGA_MOVES, "RUNNING", {"RUNNING"})
    found = next(str(finding) for *_, finding in search(Scenario("TT", "orchestrated"), 0) if finding)
    assert found == (
        "TT orchestrated, happy, 2 in stock\n"
        "  the saga went from RUNNING to COMPLETED\n"
        "     0.011s  a.action #1              1. TransactWriteItems       ok\n"
        "     0.022s  b.action #1              1. TransactWriteItems       ok\n"
        "     0.023s  b.action #1              2. PutEvents                ok"
    )
