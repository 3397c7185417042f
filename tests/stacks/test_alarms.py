"""Alarms mean something, say where it is written what to do, and count what the runtime measures."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from aws_cdk import App, Duration, NestedStack, Stack, Stage
from aws_cdk import aws_kms as kms

from cdk_saga import Saga, Step
from cdk_saga.aws import Bundle, Ledger, OrchestratedSaga, ParticipantFunction, SagaBus, SagaDashboard, WiringError
from cdk_saga.aws.alarms import RUNBOOK as RUNBOOK_CONTEXT
from parts import STYLES, Style, deploy, deployed
from sagas import TRIP, saga
from templates import ROOT, Json, new_app, of_type, only, readable

RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
WIKI = "https://wiki.acme.test/sagas"
KINDS = ("Dead", "Stuck", "Late", "Compensated")


def alarms(template: Json) -> dict[str, Json]:
    return of_type(template, "AWS::CloudWatch::Alarm")


def headings(text: str) -> set[str]:
    """The anchors of a page's sections, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in found}


@pytest.mark.parametrize("style", STYLES)
def test_a_saga_has_the_same_alarms_in_either_style(style: Style) -> None:
    found = alarms(deployed(style))
    assert len(found) == len(KINDS)
    assert all(any(kind in id for id in found) for kind in KINDS)


def with_key(context: Json) -> Json:
    """Every kind of alarm there is, in an app with ``context``."""
    app = new_app()
    for name, value in context.items():
        app.node.set_context(name, value)
    stack = Stack(app, "Stack")
    bus = SagaBus(stack, "Encrypted", encryption_key=cast(kms.IKey, kms.Key(stack, "Key")))
    saga = deploy(stack, OrchestratedSaga)
    SagaDashboard(stack, "Sagas", sagas=[saga], ledger=Ledger(stack, "Other"), functions=[])
    assert bus.dead_letters
    return app.synth().get_stack_by_name("Stack").template


def test_an_alarm_names_nothing_that_the_app_may_not_have(templates: dict[str, Json]) -> None:
    for template in templates.values():
        for alarm in alarms(template).values():
            assert not re.search(r"docs/|\.md|http", alarm["AlarmDescription"])


def test_a_runbook_that_is_no_url_is_refused() -> None:
    with pytest.raises(WiringError, match=r"context cdk-saga:runbook='docs/runbook.md': give the URL of a page"):
        with_key({RUNBOOK_CONTEXT: "docs/runbook.md"})


@pytest.mark.parametrize("style", STYLES)
def test_a_late_saga_is_told_although_a_period_had_no_look(style: Style) -> None:
    alarm = only(deployed(style), "AWS::CloudWatch::Alarm", "LateAlarm")
    assert (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"], alarm["Period"]) == (2, 3, 300)


def test_each_alarm_links_to_a_section_of_the_runbook_that_the_app_names() -> None:
    sections = {
        alarm["AlarmDescription"].rpartition(f"{WIKI}#")[2]
        for alarm in alarms(with_key({RUNBOOK_CONTEXT: WIKI})).values()
    }
    assert len(sections) == 6
    assert sections <= headings(RUNBOOK)


def test_no_news_is_good_news(templates: dict[str, Json]) -> None:
    for template in templates.values():
        for id, alarm in alarms(template).items():
            assert alarm["TreatMissingData"] == "notBreaching", id


@pytest.mark.parametrize("style", STYLES)
def test_one_stuck_saga_is_enough_for_an_alarm(style: Style) -> None:
    alarm = only(deployed(style), "AWS::CloudWatch::Alarm", "StuckAlarm")
    assert (alarm["MetricName"], alarm["Threshold"], alarm["EvaluationPeriods"], alarm["Period"]) == ("Stuck", 1, 1, 60)


@pytest.mark.parametrize("style", STYLES)
def test_the_share_of_compensated_sagas_has_a_limit_that_can_be_set(style: Style) -> None:
    alarm = only(deployed(style, compensated_alarm_percent=40), "AWS::CloudWatch::Alarm", "CompensatedAlarm")
    assert alarm["Threshold"] == 40
    (expression,) = [metric["Expression"] for metric in alarm["Metrics"] if "Expression" in metric]
    both = "(FILL(undone,0)+FILL(done,0))"
    assert expression == f"IF({both}>=20,100*FILL(undone,0)/{both},0)"


def looks(style: Style, definition: Saga = TRIP, **props: Any) -> dict[str, int]:
    """What recovery is told at each look."""
    rule = only(deployed(style, saga=definition, **props), "AWS::Events::Rule", "Watch")
    assert rule["ScheduleExpression"] == "rate(5 minutes)"
    assert json.loads(rule["Targets"][0]["Input"]) == {"watchdog": {}}, "no event carries limits"
    variables = only(deployed(style, saga=definition, **props), "AWS::Lambda::Function", "Recovery")["Environment"][
        "Variables"
    ]
    return {"late": int(variables["SAGA_LATE_ALARM_AFTER"]), "silent": int(variables["SAGA_SILENT"])}


@pytest.mark.parametrize("style", STYLES)
def test_recovery_looks_after_its_saga_on_a_schedule(style: Style) -> None:
    template = deployed(style)
    permission = readable(only(template, "AWS::Lambda::Permission", "Watch"))
    rule = readable(only(template, "AWS::Events::Rule", "Watch"))
    assert rule["Targets"][0]["Arn"] == permission["FunctionName"]
    assert "Watch" in permission["SourceArn"]
    # Ten attempts of a compensation and twelve deliveries that a throttle uses up, each hidden for six time-outs of
    # 20 s, and 15 minutes for leases and cold starts.
    assert looks(style) == {"late": 3600, "silent": (10 + 12) * 120 + 900}


@pytest.mark.parametrize("style", STYLES)
def test_a_saga_that_waits_for_a_callback_is_not_late_for_that(style: Style) -> None:
    asking = Saga("trip", [replace(step, callback_timeout=86_400) for step in TRIP.all_steps])
    assert looks(style, asking)["late"] == 3600 + len(TRIP.all_steps) * 86_400


@pytest.mark.parametrize("style", STYLES)
def test_a_saga_is_late_after_its_deadline_or_a_chosen_age(style: Style) -> None:
    deadline = Saga("trip", TRIP.steps, deadline=600)
    assert looks(style, deadline)["late"] == 600
    assert looks(style, deadline, late_alarm_after=Duration.minutes(30))["late"] == 1800


def test_a_dashboard_shows_every_saga_every_alarm_and_every_function(templates: dict[str, Json]) -> None:
    operations = templates["prod-Operations"]
    body = readable(only(operations, "AWS::CloudWatch::Dashboard"))["DashboardBody"]
    text = json.dumps(body)
    for name in ("trip", "trip-by-events", "order", "order-by-events", "business-trip", "business-trip-by-events"):
        assert f'["Saga/prod", "Compensated", "saga", "{name}"]' in text
        assert f'saga=\\"{name}\\"' in text
    (shown,) = [widget["properties"]["alarms"] for widget in body["widgets"] if widget["type"] == "alarm"]
    assert len(shown) == sum(len(alarms(templates[f"prod-{stack}"])) for stack in STACKS)
    functions = {
        metric[3]
        for widget in body["widgets"]
        for metric in widget["properties"].get("metrics", ())
        if metric[0] == "AWS/Lambda"
    }
    assert len(functions) == 9 + 6


def test_the_dashboard_finds_the_versions_that_a_late_alarm_speaks_of(templates: dict[str, Json]) -> None:
    alarm = only(templates["prod-TripOrchestrated"], "AWS::CloudWatch::Alarm", "LateAlarm")
    body = readable(only(templates["prod-Operations"], "AWS::CloudWatch::Dashboard"))["DashboardBody"]
    (shown,) = [widget for widget in body["widgets"] if 'MetricName="MissingVersion"' in str(widget)]
    assert "saga,version}" in str(shown)
    assert shown["properties"]["title"] in alarm["AlarmDescription"]


STACKS = (
    "Participants",
    "TripOrchestrated",
    "TripChoreographed",
    "OrderOrchestrated",
    "OrderChoreographed",
    "BusinessTripOrchestrated",
    "BusinessTripChoreographed",
    "Operations",
)


def test_no_two_widgets_overlap(templates: dict[str, Json]) -> None:
    widgets = readable(only(templates["prod-Operations"], "AWS::CloudWatch::Dashboard"))["DashboardBody"]["widgets"]
    cells = [
        (x, y)
        for widget in widgets
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_throttles_of_every_function_and_of_the_ledger_raise_an_alarm(templates: dict[str, Json]) -> None:
    found = [readable(alarm)["Metrics"] for alarm in alarms(templates["prod-Operations"]).values()]
    metrics = [metric["MetricStat"]["Metric"] for alarm in found for metric in alarm if "MetricStat" in metric]
    assert [metric["MetricName"] for metric in metrics].count("Throttles") == 9 + 6
    assert {metric["MetricName"] for metric in metrics} == {"Throttles", "WriteThrottleEvents", "ReadThrottleEvents"}
    assert all(len([metric for metric in alarm if "MetricStat" in metric]) <= 10 for alarm in found)


def test_a_saga_is_silent_only_after_its_most_patient_task() -> None:
    patient = Saga(
        "trip", [*saga("flight").steps, Step("hotel", participant="hotels", action="book", compensation="x")]
    )
    assert looks(STYLES[0], patient) == looks(STYLES[1], patient)


def test_an_environments_metrics_are_its_own_where_they_are_printed_watched_and_shown(
    templates: dict[str, Json],
) -> None:
    for environment in ("dev", "prod"):
        ours = {name: template for name, template in templates.items() if name.startswith(f"{environment}-")}
        variables = [
            function["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]
            for template in ours.values()
            for function in of_type(template, "AWS::Lambda::Function").values()
            if "SAGA_LEDGER" in function["Environment"]["Variables"]  # the function of messages measures nothing
        ]
        assert set(variables) == {f"Saga/{environment}"}
        text = json.dumps([readable(template) for template in ours.values()])
        assert set(re.findall(r"\bSaga/\w+", text)) == {f"Saga/{environment}"}
        assert not re.findall(r'"Namespace": "Saga"', text)


@pytest.mark.parametrize("style", STYLES)
def test_two_stacks_or_stages_of_one_account_measure_apart(style: Style) -> None:
    app = new_app()
    places = [
        Stack(app, "Dev"),
        Stack(app, "Prod"),
        Stack(Stage(app, "test"), "Trips"),
        Stack(Stage(app, "e2e"), "Trips"),
    ]
    sagas = [deploy(stack, style) for stack in places]
    assert [saga.metrics_namespace for saga in sagas] == ["Saga/Dev", "Saga/Prod", "Saga/test", "Saga/e2e"]
    nested = deploy(NestedStack(Stack(app, "Outer"), "Inner"), style)
    assert nested.metrics_namespace == "Saga/Outer"


def test_a_participant_and_its_saga_measure_under_one_name(tmp_path: Path) -> None:
    (tmp_path / "svc").mkdir()
    (tmp_path / "svc" / "__init__.py").write_text("def handler(event, context): ...\n")
    stack = Stack(new_app(), "Dev")
    ledger, bus = Ledger(stack, "Ledger"), SagaBus(stack, "Bus")
    bundle = Bundle.runtime(tmp_path / "svc")
    ParticipantFunction(stack, "Svc", service="svc", handler="svc.handler", bundle=bundle, ledger=ledger, bus=bus)
    functions = of_type(stack_template(stack), "AWS::Lambda::Function").values()
    assert [one["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"] for one in functions] == ["Saga/Dev"]


def stack_template(stack: Stack) -> Json:
    """What is deployed of a stack."""
    return cast(App, stack.node.root).synth().get_stack_by_name(stack.stack_name).template
