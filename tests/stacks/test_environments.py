"""What the environments promise."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cdk_saga import Parallel, Retry, Saga
from cdk_saga.plan import advise
from sagas import step
from stacks.business_trip import business_trip
from stacks.environments import DEV, ENVIRONMENTS, LOCAL, PROD, STG, Environment
from stacks.order import order
from stacks.stage import Example, suited
from stacks.state import OWNERS
from stacks.trip import trip
from templates import ROOT, Json, new_app, of_type

REFUSED_LOCALLY = {"AWS::Events::EventBusPolicy"}
"""Types of resources that the local emulator does not know; it would refuse the whole template."""


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda environment: environment.name)
def test_the_provider_gives_up_before_the_function_does(environment: Environment) -> None:
    assert environment.provider_timeout < environment.functions.timeout.to_seconds()


def test_only_locally_sagas_try_less_often_than_they_are_defined_to() -> None:
    assert [environment.name for environment in ENVIRONMENTS if environment.retry] == ["local"]


def test_another_patience_changes_nothing_else_of_a_saga() -> None:
    saga = Saga("day", [step("a"), Parallel("both", step("b"), [step("c"), step("d")])], deadline=60)
    hasty = suited(saga, Retry(max_attempts=1), None)
    assert {(one.retry, one.compensation_retry) for one in hasty.all_steps} == {
        (Retry(max_attempts=1), Retry(max_attempts=1))
    }
    assert suited(hasty, Retry(), None) == suited(saga, Retry(), None)
    assert suited(saga, None, None) == saga


def test_only_steps_that_wait_for_somebody_take_another_time_for_that() -> None:
    assert [one.callback_timeout for one in business_trip.all_steps] == [86_400, None, None]
    assert [one.callback_timeout for one in suited(business_trip, None, 20).all_steps] == [20, None, None]
    assert suited(business_trip, None, None) == business_trip


@pytest.mark.parametrize("saga", [trip, order, business_trip, suited(order, LOCAL.retry, None)])
def test_the_examples_need_no_advice(saga: Saga) -> None:
    assert advise(saga, choreographed=True) == []


def test_the_orders_definition_is_at_most_ten_lines() -> None:
    definition = (ROOT / "stacks" / "order.py").read_text().split("\n\n")[-1]
    assert definition.startswith("order = Saga(")
    assert len(definition.strip().splitlines()) <= 10


def test_data_of_production_is_kept_and_protected(templates: dict[str, Json]) -> None:
    tables = of_type(templates["prod-State"], "AWS::DynamoDB::GlobalTable")
    assert len(tables) == 1 + len(OWNERS)
    for id, table in tables.items():
        (replica,) = table["Replicas"]
        assert replica["DeletionProtectionEnabled"] is True
        assert replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
        assert templates["prod-State"]["Resources"][id]["DeletionPolicy"] == "Retain"


def test_alarms_of_production_go_to_an_operator() -> None:
    assert PROD.alarms_to


def errors(environment: Environment, **context: str) -> list[str]:
    """Why CDK refuses to deploy stacks of an environment."""
    app = new_app()
    for name, value in context.items():
        app.node.set_context(name, value)
    stacks = Example(app, environment).synth().stacks
    return [str(entry.entry.data) for stack in stacks for entry in stack.messages if entry.level.name == "ERROR"]


@pytest.mark.parametrize("environment", [STG, PROD], ids=["stg", "prod"])
def test_placeholders_are_refused_with_where_to_set_them(environment: Environment) -> None:
    alarms, provider = errors(environment)
    name = environment.name
    assert alarms.startswith(f"environment {name!r}: alarms_to is {environment.alarms_to!r}, a placeholder: its alarms")
    assert provider.endswith(
        f"set provider_url of {name.upper()} in stacks/environments.py, or pass --context provider_url=…"
    )


def test_an_environment_without_placeholders_is_deployed() -> None:
    assert errors(LOCAL) == []
    assert errors(PROD, provider_url="https://{}.acme.io", alarms_to="oncall@acme.io") == []
    assert errors(replace(DEV, provider_url="https://{}.acme.io/example.comments")) == []


def test_the_local_environment_leaves_out_what_the_emulator_refuses(templates: dict[str, Json]) -> None:
    types = {
        resource["Type"]
        for stack, template in templates.items()
        if stack.startswith(LOCAL.name)
        for resource in template["Resources"].values()
    }
    assert not types & REFUSED_LOCALLY


def test_nothing_is_looked_up_so_that_anybody_can_synthesize(tmp_path: Path) -> None:
    """The app itself, narrowed to one environment, without account, Region or credentials."""
    context = json.dumps({"environment": "dev", **json.loads((ROOT / "cdk.json").read_text())["context"]})
    without = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_DEFAULT_"))}
    settings = {"CDK_OUTDIR": str(tmp_path), "CDK_CONTEXT_JSON": context, "CDK_VALIDATION": "false"}
    subprocess.run([sys.executable, "app.py"], cwd=ROOT, env={**without, **settings}, check=True)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert "missing" not in manifest
    assert [id for id in manifest["artifacts"] if id.startswith("assembly-")] == ["assembly-dev"]
