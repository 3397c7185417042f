"""A deployed machine is compared with its plan, state by state; what differs is said."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from cdk_saga import Saga
from cdk_saga.plan import compile_saga
from cdk_saga.render import state_machine
from simulation.shapes import GROUPS, WAITING, saga, sequences
from stacks.business_trip import business_trip
from stacks.order import order
from stacks.trip import trip
from verify.account import Account
from verify.sagas import DeployedSaga
from verify.states import differences
from verify_tests.doubles import client, test_state

Json = dict[str, Any]
ALIAS = "arn:aws:states:us-east-1:123456789012:stateMachine:trip:live"
SHAPES = (*sequences(1), *sequences(2), *GROUPS, *WAITING, "TX~", "T(X|TT)X~")


def found(definition: Saga, change: Callable[[Json], object] = id, validated: Json | None = None) -> list[str]:
    """The differences of a machine that is as planned except for a change."""
    plan = compile_saga(definition)
    machine = state_machine(plan, timeouts=dict.fromkeys(definition.participants, 15))
    change(machine["States"])

    def describe(request: Json) -> Json:
        assert request["stateMachineArn"] == ALIAS.removesuffix(":live")
        return {"definition": json.dumps(machine)}

    states = client(
        "stepfunctions",
        DescribeStateMachine=describe,
        TestState=test_state,
        ValidateStateMachineDefinition=lambda _: validated or {"result": "OK", "diagnostics": []},
    )
    target = {"where": ALIAS, "version": plan.version}
    return list(differences(Account("dev", lambda _: states), DeployedSaga(definition, "orchestrated", "Trip", target)))


@pytest.mark.parametrize("definition", [trip, order, business_trip], ids=lambda one: one.name)
def test_the_examples_machines_are_as_planned(definition: Saga) -> None:
    assert found(definition) == []


def test_the_machine_of_every_shape_is_as_planned() -> None:
    assert [told for shape in SHAPES for told in found(saga(shape))] == []


def test_a_state_that_leads_elsewhere_is_found() -> None:
    (told,) = found(saga("TT"), lambda states: states["a"].update(Next="b.compensation"))
    assert told.startswith("Trip: a, done: ")
    assert "'nextState': 'b'" in told


def test_an_error_that_leads_elsewhere_is_found() -> None:
    told = found(saga("TT"), lambda states: states["b"]["Catch"][0].update(Next="b.compensation"))
    assert [one.partition(":")[2].partition(":")[0] for one in told] == [" b, rejected"]


def test_an_error_that_is_not_caught_is_found() -> None:
    told = found(saga("TT"), lambda states: states["b"].pop("Catch"))
    assert [one.partition(":")[2].partition(":")[0] for one in told] == [" b, rejected", " b, broken for good"]


@pytest.mark.parametrize("attempts", [1, 3])
def test_another_number_of_attempts_is_found(attempts: int) -> None:
    assert found(saga("T"), lambda states: states["a"]["Retry"][-1].update(MaxAttempts=attempts))


def test_another_output_is_found() -> None:
    group = "T(T|X)"
    assert found(saga(group), lambda states: states["group1"].update(Output="{%$states.input%}"))


def test_a_failure_that_is_not_told_is_found() -> None:
    assert found(saga("TT"), lambda states: states["b"]["Catch"][0].update(Output="{%$states.input%}"))


def test_a_state_that_is_not_there_is_found() -> None:
    assert found(saga("TT"), lambda states: states.pop("COMPENSATED")) == [
        "Trip: COMPENSATED is no state of the machine"
    ]


def test_what_step_functions_finds_wrong_is_told() -> None:
    wrong = {"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": "no", "location": "/States/a"}
    told = found(saga("T"), validated={"result": "FAIL", "diagnostics": [wrong]})
    assert told == ["Trip: SCHEMA_VALIDATION_FAILED at /States/a: no"]
