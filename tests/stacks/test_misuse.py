"""What an app gets wrong is refused where it is written, in words of the app: property, value, cure."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest
from aws_cdk import Duration, Environment, Stack
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Annotations, Match

from cdk_saga.aws import ChoreographedSaga, Ledger, SagaBus, WiringError
from parts import STYLES, Style, function
from saga_runtime import Participant
from sagas import TRIP
from templates import Json, new_app, of_type, only, readable, synthesized

IRELAND = Environment(account="111111111111", region="eu-west-1")
VIRGINIA = Environment(account="111111111111", region="us-east-1")
OTHER_ACCOUNT = Environment(account="222222222222", region="eu-west-1")
ELSEWHERE = "arn:aws:lambda:us-east-1:222222222222:function:{}"


def topic(stack: Stack) -> sns.ITopic:
    return cast(sns.ITopic, sns.Topic(stack, "Topic"))


def trip(stack: Stack, style: Style, **given: Any) -> Any:
    """The saga, with what is ``given`` instead of what is right; what is callable is made in the stack."""
    made: dict[str, Any] = {name: value(stack) if callable(value) else value for name, value in given.items()}
    right: dict[str, Any] = {
        "saga": TRIP,
        "participants": made.get("participants") or {name: function(stack, name) for name in TRIP.participants},
        "ledger": made.get("ledger") or Ledger(stack, "Ledger"),
        "bus": made.get("bus") or SagaBus(stack, "Bus"),
    }
    return style(stack, "Saga", **{**right, **made})


MISUSES: list[tuple[str, Any, str]] = [
    (
        "bus",
        lambda stack: events.EventBus.from_event_bus_name(stack, "X", "company"),
        r"bus=<\w+>\): .*SagaBus.from_event_bus_name",
    ),
    (
        "ledger",
        lambda stack: dynamodb.Table.from_table_name(stack, "X", "t"),
        r"ledger=<\w+>\): .*Ledger.from_table_name",
    ),
    (
        "previous_versions",
        replace(TRIP, deadline=60),
        r"previous_versions=<Saga>\): give a list of earlier definitions, such as \[old\]",
    ),
    ("timeouts", {"flights": 15}, r"timeouts=\{'flights': 15\}\): give a dictionary of Durations"),
    ("late_alarm_after", 3600, r"late_alarm_after=3600\): give a Duration, such as Duration.hours\(1\)"),
    ("alarm_actions", lambda stack: actions.SnsAction(topic(stack)), r"alarm_actions=<SnsAction>\): give a list"),
    ("alarm_actions", lambda stack: [topic(stack)], r"alarm_actions=\[<Topic>\]\): give .*\[SnsAction\(topic\)\]"),
    (
        "compensated_alarm_percent",
        0.25,
        r"compensated_alarm_percent=0.25\): give per cent, a whole number from 1 to 100",
    ),
    ("compensated_alarm_percent", True, r"compensated_alarm_percent=True\): give per cent"),
    ("participants", lambda stack: [function(stack, "a")], r"participants=\[<Function>\]\): give a dictionary"),
    ("participants", {"flights": None}, r"participants=\{'flights': None\}\): give a dictionary"),
    ("participants", {"flights": Participant("flights")}, r"participants=\{'flights': <Participant>\}\): give a"),
    (
        "participants",
        lambda stack: {"flights": sqs.Queue(stack, "Q")},
        r"participants=\{'flights': <Queue>\}\): give a",
    ),
    ("saga", list(TRIP.steps), r"saga=\[<Step>, <Step>, <Step>\]\): give a Saga, such as Saga\('trip', steps\)"),
    ("settings", {"timeout": 30}, r"settings=\{'timeout': 30\}\): give FunctionSettings"),
    ("bundle", "services", r"bundle='services'\): give a Bundle"),
    ("execution_logs", "ALL", r"execution_logs='ALL'\): give one of aws_stepfunctions.LogLevel"),
    ("encryption_key", "alias/sagas", r"encryption_key='alias/sagas'\): give a key of aws_kms"),
]


@pytest.mark.parametrize(("name", "value", "text"), MISUSES, ids=[f"{n}-{one[0]}" for n, one in enumerate(MISUSES)])
def test_a_property_that_does_not_fit_is_refused(name: str, value: Any, text: str) -> None:
    for style in STYLES:
        with pytest.raises(WiringError, match=rf"^{style.__name__}\({text}"):
            trip(Stack(new_app(), "Stack"), style, **{name: value})


@pytest.mark.parametrize("style", STYLES)
def test_two_sagas_whose_outputs_have_one_name_are_refused(style: Style) -> None:
    stack = Stack(new_app(), "Stack")
    ledger, bus = Ledger(stack, "Ledger"), SagaBus(stack, "Bus")
    functions = {name: function(stack, name) for name in TRIP.participants}
    common: dict[str, Any] = {"ledger": ledger, "bus": bus, "participants": functions}
    style(stack, "One", saga=replace(TRIP, name="book-trip"), **common)
    text = r"saga 'bookTrip': its output BookTripStart is that of saga 'book-trip' in stack 'Stack'; give it another"
    with pytest.raises(WiringError, match=text):
        style(stack, "Other", saga=replace(TRIP, name="bookTrip"), **common)


@pytest.mark.parametrize("style", STYLES)
def test_a_saga_on_two_buses_with_one_ledger_is_refused(style: Style) -> None:
    app = new_app()
    stack = Stack(app, "Stack")
    ledger, functions = Ledger(stack, "Ledger"), {name: function(stack, name) for name in TRIP.participants}
    style(stack, "Saga", saga=TRIP, participants=functions, ledger=ledger, bus=SagaBus(stack, "One"))
    with pytest.raises(WiringError, match=r"saga 'trip' is on two buses with one ledger"):
        style(
            Stack(app, "Other"), "Saga", saga=TRIP, participants=functions, ledger=ledger, bus=SagaBus(stack, "Second")
        )


@pytest.mark.parametrize("style", STYLES)
def test_a_ledger_and_a_bus_of_another_app_are_imported(style: Style) -> None:
    template = synthesized(
        lambda stack: trip(
            stack,
            style,
            ledger=lambda stack: Ledger.from_table_name(stack, "Ledger", "sagas"),
            bus=lambda stack: SagaBus.from_event_bus_name(stack, "Bus", "company"),
        )
    )
    assert of_type(template, "AWS::DynamoDB::GlobalTable") == of_type(template, "AWS::Events::EventBus") == {}
    variables = only(template, "AWS::Lambda::Function", "Recovery")["Environment"]["Variables"]
    assert (variables["SAGA_LEDGER"], variables["SAGA_BUS"]) == ("sagas", "company")
    policies = [str(readable(policy)) for policy in of_type(template, "AWS::IAM::Policy").values()]
    assert any(":table/sagas'" in text for text in policies)
    assert any(":table/sagas/index/Sagas'" in text for text in policies)
    assert any(":event-bus/company'" in text for text in policies)
    if style is ChoreographedSaga:
        assert {rule.get("EventBusName") for rule in of_type(template, "AWS::Events::Rule").values()} == {
            "company",
            None,  # the schedule
        }


def test_a_ledger_and_a_bus_are_imported_by_their_arns() -> None:
    stack = Stack(new_app(), "Stack", env=IRELAND)
    ledger = Ledger.from_table_arn(stack, "Ledger", "arn:aws:dynamodb:eu-west-1:111111111111:table/sagas")
    bus = SagaBus.from_event_bus_arn(stack, "Bus", "arn:aws:events:eu-west-1:111111111111:event-bus/company")
    assert (ledger.name, bus.name) == ("sagas", "company")


def test_the_default_bus_is_refused() -> None:
    with pytest.raises(WiringError, match=r"from_event_bus_name\('default'\): give a custom bus"):
        SagaBus.from_event_bus_name(Stack(new_app(), "Stack"), "Bus", "default")


AWAY: list[tuple[str, Environment, Callable[[Stack], Json], str]] = [
    (
        "function",
        VIRGINIA,
        lambda there: {"participants": {name: function(there, name) for name in TRIP.participants}},
        "the function of participant 'flights' is in Region us-east-1, the saga in eu-west-1",
    ),
    (
        "function of another account",
        OTHER_ACCOUNT,
        lambda there: {"participants": {name: function(there, name) for name in TRIP.participants}},
        "the function of participant 'flights' is in account 222222222222, the saga in 111111111111",
    ),
    ("ledger", VIRGINIA, lambda there: {"ledger": Ledger(there, "Away")}, "its ledger is in Region us-east-1"),
    ("bus", VIRGINIA, lambda there: {"bus": SagaBus(there, "Away")}, "its bus is in Region us-east-1"),
]


@pytest.mark.parametrize(("env", "make", "text"), [one[1:] for one in AWAY], ids=[one[0] for one in AWAY])
def test_what_is_in_another_account_or_region_is_refused(
    env: Environment, make: Callable[[Stack], Json], text: str
) -> None:
    for style in STYLES:
        app = new_app()
        here, there = Stack(app, "Here", env=IRELAND), Stack(app, "There", env=env)
        with pytest.raises(WiringError, match=text):
            trip(here, style, **make(there))


@pytest.mark.parametrize("style", STYLES)
def test_an_imported_function_of_another_account_is_warned_about_when_its_stack_does_not_say_where_it_is(
    style: Style,
) -> None:
    def imported(stack: Stack) -> Json:
        found = lambda_.Function.from_function_attributes
        role = function(stack, "Other").role
        return {
            name: found(stack, name, function_arn=ELSEWHERE.format(name), role=role, same_environment=True)
            for name in TRIP.participants
        }

    stack = Stack(new_app(), "Stack")
    trip(stack, style, participants=imported, timeouts=dict.fromkeys(TRIP.participants, Duration.seconds(15)))
    for kind, where in (("Account", "account 222222222222"), ("Region", "Region us-east-1")):
        found = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp(f"Unknown{kind}"))
        assert f"the function of participant 'flights' is in {where}" in str(found[0].entry.data)
