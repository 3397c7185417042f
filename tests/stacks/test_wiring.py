"""A saga and its functions are matched before anything is built; what does not fit is named, with the cure."""

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_lambda as lambda_

from cdk_saga.aws import Ledger, OrchestratedSaga, WiringError
from cdk_saga.aws.wiring import AnyFunction, wire
from parts import STYLES, Style, deploy, function
from sagas import TRIP, saga
from templates import synthesized

STAY = saga("hotel")
ARN = "arn:aws:lambda:eu-central-1:111111111111:function:hotels"


@pytest.mark.parametrize("style", STYLES)
def test_a_participant_without_a_function_is_refused(style: Style) -> None:
    def build(stack: Stack) -> None:
        deploy(stack, style, participants={"flights": function(stack, "Flights")})

    rule = r"saga 'trip', step 'hotel': no function for participant 'hotels'; add it to participants.*\['flights'\]"
    with pytest.raises(WiringError, match=rule):
        synthesized(build)


@pytest.mark.parametrize("style", STYLES)
def test_a_function_without_a_step_is_refused(style: Style) -> None:
    def build(stack: Stack) -> None:
        functions = {name: function(stack, name) for name in (*TRIP.participants, "hotel")}
        deploy(stack, style, participants=functions)

    with pytest.raises(WiringError, match=r"saga 'trip': participants has \['hotel'\], but its steps only know"):
        synthesized(build)


def test_a_time_out_for_nobody_is_refused() -> None:
    def build(stack: Stack) -> None:
        wire([STAY], {"hotels": function(stack, "Hotels")}, {"hotel": Duration.seconds(5)})

    with pytest.raises(WiringError, match=r"timeouts has \['hotel'\]"):
        synthesized(build)


@pytest.mark.parametrize("style", STYLES)
def test_the_same_saga_is_on_a_bus_only_once_whatever_the_style(style: Style) -> None:
    def build(stack: Stack) -> None:
        first = deploy(stack, OrchestratedSaga)
        functions = {name: function(stack, f"{name}again") for name in TRIP.participants}
        style(stack, "Again", saga=TRIP, participants=functions, ledger=Ledger(stack, "Other"), bus=first.bus)

    with pytest.raises(WiringError, match=r"saga 'trip', version \w{12}, is on this bus twice; give one another name"):
        synthesized(build)


def test_an_imported_functions_time_out_has_to_be_told() -> None:
    def build(stack: Stack) -> None:
        wire([STAY], {"hotels": lambda_.Function.from_function_arn(stack, "Hotels", ARN)}, {})

    with pytest.raises(WiringError, match=r"time-out of 'hotels'.*imported; pass timeouts=\{'hotels': Duration"):
        synthesized(build)


def aliased(stack: Stack) -> AnyFunction:
    live: Any = function(stack, "Hotels").current_version
    return lambda_.Alias(stack, "Live", alias_name="live", version=live)


@pytest.mark.parametrize(
    ("make", "seconds"),
    [
        (lambda stack: function(stack, "Hotels"), 20),
        (lambda stack: function(stack, "Hotels", timeout=None), 3),
        (aliased, 20),
    ],
    ids=["a function", "a function with Lambda's default", "an alias"],
)
def test_the_time_out_is_read_from(make: Callable[[Stack], AnyFunction], seconds: int) -> None:
    def build(stack: Stack) -> None:
        assert wire([STAY], {"hotels": make(stack)}, {})["hotels"].timeout == seconds

    synthesized(build)


@pytest.mark.parametrize(
    "make",
    [
        lambda stack: function(stack, "Hotels").current_version,
        lambda stack: lambda_.Function.from_function_arn(stack, "Hotels", f"{ARN}:7"),
    ],
    ids=["a version", "an imported version"],
)
def test_a_published_version_is_refused_as_the_next_deployment_replaces_it(make: Callable[[Stack], Any]) -> None:
    def build(stack: Stack) -> None:
        wire([STAY], {"hotels": make(stack)}, {"hotels": Duration.seconds(5)})

    with pytest.raises(WiringError, match=r"'hotels' is a published version.*pass the function itself, or an alias"):
        synthesized(build)
