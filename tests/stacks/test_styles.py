"""Both styles are used in the same way: swapping one for the other changes one word."""

import inspect
import json
import logging
from typing import Any, cast

import pytest
from aws_cdk import Stack
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_

from cdk_saga.aws import ChoreographedSaga, OrchestratedSaga
from parts import STYLES, Deployed, Style, deploy, deployed, function
from saga_runtime import telemetry
from saga_runtime.envelope import parse
from sagas import TRIP
from stacks.saga import SagaStack
from templates import Json, of_type, only, readable, synthesized


def public(thing: object) -> set[str]:
    return {name for name in dir(thing) if not name.startswith("_")}


def test_the_styles_take_the_same_properties() -> None:
    assert inspect.signature(OrchestratedSaga) == inspect.signature(ChoreographedSaga)


def test_the_styles_differ_only_in_the_resources_they_expose() -> None:
    found: dict[str, set[str]] = {}
    for style in STYLES:
        synthesized(lambda stack, style=style: found.update({style.style: public(deploy(stack, style))}))
    own = {"state_machine", "version", "alias", "log_group", "died"}
    assert found["orchestrated"] - found["choreographed"] == own
    assert found["choreographed"] - found["orchestrated"] == {"step_queues", "failed_queue"}


def test_the_examples_stack_names_no_style() -> None:
    code = inspect.getsource(SagaStack.__init__)
    body = code[code.index("super()") :]
    assert "Orchestrated" not in body
    assert "Choreographed" not in body


@pytest.mark.parametrize("style", STYLES)
def test_the_ending_is_the_same_event_in_either_style(style: Style) -> None:
    def listen(saga: Deployed, stack: Stack) -> None:
        messages = cast(lambda_.IFunction, function(stack, "Messages"))
        message = targets.LambdaFunction(messages, dead_letter_queue=saga.dead_letter_queue)
        saga.on_completed("WhenCompleted", target=message)
        saga.on_compensated("WhenCompensated", target=message)
        saga.on_stuck("WhenStuck", target=message)

    template = deployed(style, listen)
    for ending in ("completed", "compensated", "stuck"):
        rule = readable(only(template, "AWS::Events::Rule", f"When{ending.title()}"))
        assert rule["EventPattern"] == {"source": ["saga.trip"], "detail-type": [f"saga.{ending}"]}
        assert "DeadLetterConfig" in rule["Targets"][0]


@pytest.mark.parametrize("style", STYLES)
def test_the_metrics_are_the_same_in_either_style(style: Style) -> None:
    def compare(saga: Deployed, _stack: Stack) -> None:
        metrics = (saga.metric_completed(), saga.metric_compensated(), saga.metric_stuck(label="help"))
        assert [metric.metric_name for metric in metrics] == ["Completed", "Compensated", "Stuck"]
        assert {metric.namespace for metric in metrics} == {"Saga/Stack"}
        assert all(metric.dimensions == {"saga": "trip"} for metric in metrics)
        assert metrics[-1].label == "help"

    deployed(style, compare)


def test_alarms_mail_the_environments_addressee(templates: dict[str, Json]) -> None:
    for stack in ("prod-Participants", "prod-TripOrchestrated", "prod-OrderChoreographed"):
        for id, alarm in of_type(templates[stack], "AWS::CloudWatch::Alarm").items():
            assert len(alarm["AlarmActions"]) == 1, id
    assert not any(
        "AlarmActions" in alarm
        for stack in ("dev-TripOrchestrated", "dev-OrderChoreographed")
        for alarm in of_type(templates[stack], "AWS::CloudWatch::Alarm").values()
    )


@pytest.mark.parametrize("style", STYLES)
def test_an_output_says_where_to_start(style: Style) -> None:
    target: dict[str, Any] = json.loads(readable(deployed(style)["Outputs"]["TripStart"]["Value"]))
    assert target.pop("where").startswith("${Saga" if style.style == "orchestrated" else "${Bus")
    assert target.pop("recovery").startswith("${SagaRecovery")
    assert target.pop("ledger").startswith("${LedgerTable")
    assert target.pop("dead_letters").startswith("${SagaDead")
    steps = dict.fromkeys(("flight", "hotel", "transfer"), True)
    assert target == {"name": "trip", "version": TRIP.version, "style": style.style, "steps": steps}


@pytest.mark.parametrize("style", STYLES)
def test_recovery_knows_the_saga(style: Style) -> None:
    recovery = only(deployed(style), "AWS::Lambda::Function", "Recovery")
    known = recovery["Environment"]["Variables"]
    assert recovery["Handler"] == "saga_runtime.recovery.handler"
    assert known["SAGA_NAME"] == "trip"
    assert json.loads(known["SAGA_STEPS"]) == {
        name: [f"book_{name}", f"cancel_{name}"] for name in ("flight", "hotel", "transfer")
    }
    assert {"SAGA_LEDGER", "SAGA_BUS"} < set(known)
    assert "SAGA_DEAD_LETTER_QUEUE" in known


@pytest.mark.parametrize("style", STYLES)
def test_the_runtime_measures_what_the_alarm_watches(
    style: Style, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    template = deployed(style)
    monkeypatch.setattr(telemetry, "logger", logging.getLogger)  # the real one is made once a process
    for name, value in only(template, "AWS::Lambda::Function", "Recovery")["Environment"]["Variables"].items():
        monkeypatch.setenv(name, value if isinstance(value, str) else "resolved")
    travelling = {"schema": "saga/1", "name": "trip", "version": TRIP.version, "id": "t-1", "input": {}, "results": {}}
    of = {"saga": "trip", "version": TRIP.version}
    task = {"step": "flight", "operation": "action", "handler": "book_flight", **of}
    telemetry.ended(parse({"task": task, "saga": {**travelling, "started": 0, "failure": None}}), "STUCK", None, 1.0)
    (metrics,) = json.loads(capsys.readouterr().out.splitlines()[0])["_aws"]["CloudWatchMetrics"]
    alarm = only(template, "AWS::CloudWatch::Alarm", "Stuck")
    assert metrics["Namespace"] == alarm["Namespace"]
    assert metrics["Metrics"][0]["Name"] == alarm["MetricName"]
    assert metrics["Dimensions"] == [[dimension["Name"] for dimension in alarm["Dimensions"]]]
