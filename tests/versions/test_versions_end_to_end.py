"""A new version is deployed while sagas are in flight, on the local AWS: each ends by the steps that it began with."""

import json
from dataclasses import dataclass, field
from functools import partial

import pytest

from emulator import cdk
from emulator.instance import Emulator
from emulator.waiting import wait_until
from saga_runtime import client
from saga_runtime.services import Services
from toy_handlers import app

pytestmark = pytest.mark.long("three deployments to the local AWS")

STYLES = ("orchestrated", "choreographed")
OLD = {"take": "", "hold": "take", "pack": "hold,take", "weigh": "hold,pack,take", "send": "hold,pack,take,weigh"}
NEW = {"take": "", "hold": "take", "send": "hold,take", "weigh": "hold,send,take", "thank": "hold,send,take,weigh"}
UNDONE = ("undone", "undone", "undone", "undone", "rejected")


@dataclass
class Parcels:
    """The app, deployed again and again, and the sagas in it."""

    emulator: Emulator
    outputs: dict[str, str] = field(default_factory=dict[str, str])

    def deploy(self, versions: str) -> None:
        self.outputs = cdk.deploy(self.emulator, "Versions", app=app("versions.app", versions))["Versions"]

    @property
    def services(self) -> Services:
        return Services(client=self.emulator.client)

    def target(self, style: str) -> client.Target:
        return client.Target(**json.loads(self.outputs[f"Parcel{style.title()}Start"]))

    def start(self, saga_id: str, **given: list[str]) -> None:
        for style in STYLES:
            client.start(self.target(style), saga_id, given, services=self.services)
        for style in STYLES:
            wait_until(partial(self.is_held, style, saga_id), what=f"{saga_id}, {style}, is held")

    def is_held(self, style: str, saga_id: str) -> bool:
        key = {"pk": {"S": f"SAGA#parcel-{style}#{saga_id}"}, "sk": {"S": "STEP#0#hold"}}
        item = self.emulator.client("dynamodb").get_item(TableName=self.target(style).ledger, Key=key).get("Item", {})
        return item.get("st") == {"S": "PENDING"}

    def let_go(self, *saga_ids: str) -> None:
        for style in STYLES:
            for saga_id in saga_ids:
                client.complete(self.target(style), f"parcel-{style}.{saga_id}.hold", services=self.services)

    def ended(self, style: str, saga_id: str) -> client.Status:
        def ended() -> client.Status | None:
            status = client.status(self.target(style), saga_id, services=self.services)
            return status if status.ended else None

        return wait_until(ended, what=f"the end of {saga_id}, {style}")

    def rows(self, style: str, saga_id: str) -> dict[str, str]:
        """What each step left: which steps' results it knew."""
        items = self.emulator.client("dynamodb").scan(TableName=self.outputs["TableName"], ConsistentRead=True)["Items"]
        prefix = f"parcel-{style}.{saga_id}."
        rows = {item["pk"]["S"]: item["after"]["S"] for item in items}
        return {key.removeprefix(prefix): after for key, after in rows.items() if key.startswith(prefix)}

    def forget(self, style: str, saga_id: str) -> None:
        """Delete all that the ledger has of a saga."""
        table, pk = self.target(style).ledger, {"S": f"SAGA#parcel-{style}#{saga_id}"}
        dynamodb = self.emulator.client("dynamodb")
        for item in dynamodb.scan(TableName=table, ConsistentRead=True)["Items"]:
            if item["pk"] == pk:
                dynamodb.delete_item(TableName=table, Key={"pk": pk, "sk": item["sk"]})

    def versions_on_the_bus(self) -> set[str]:
        rules = self.emulator.client("events").list_rules(EventBusName=self.outputs["BusName"])["Rules"]
        patterns = [json.loads(rule["EventPattern"]) for rule in rules]
        return {version for one in patterns for version in one.get("detail", {}).get("version", ())}


@pytest.fixture(scope="module")
def parcels(running_emulator: Emulator) -> Parcels:
    cdk.bootstrap(running_emulator)
    parcels = Parcels(running_emulator)
    parcels.deploy("old")
    parcels.start("early")
    parcels.start("early-back", rejected=["send"])
    parcels.start("early-cancelled")
    parcels.deploy("both")
    parcels.start("late")
    parcels.start("late-back", rejected=["thank"])
    parcels.let_go("early", "early-back", "late", "late-back")
    for style in STYLES:
        client.cancel(parcels.target(style), "early-cancelled", services=parcels.services)
    return parcels


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("saga_id", "left"), [("early", OLD), ("late", NEW)])
def test_each_version_goes_on_by_its_own_steps(
    parcels: Parcels, saga_id: str, left: dict[str, str], style: str
) -> None:
    assert parcels.ended(style, saga_id).state == "COMPLETED"
    assert parcels.rows(style, saga_id) == left


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("saga_id", "left"), [("early-back", OLD), ("late-back", NEW)])
def test_each_version_goes_back_by_its_own_steps(
    parcels: Parcels, saga_id: str, left: dict[str, str], style: str
) -> None:
    status = parcels.ended(style, saga_id)
    assert (status.state, parcels.rows(style, saga_id)) == ("COMPENSATED", {})
    assert {step.step: step.outcome for step in status.steps} == dict(zip(left, UNDONE, strict=True))


@pytest.mark.parametrize("style", STYLES)
def test_an_earlier_version_is_cancelled_by_its_own_steps(parcels: Parcels, style: str) -> None:
    status = parcels.ended(style, "early-cancelled")
    assert (status.state, parcels.rows(style, "early-cancelled")) == ("COMPENSATED", {})
    assert {step.step for step in status.steps} == set(OLD)


def test_recovery_finds_in_an_executions_history_what_the_ledger_lost(parcels: Parcels) -> None:
    style, saga_id = "orchestrated", "forgotten"
    target = parcels.target(style)
    client.start(target, saga_id, {}, services=parcels.services)
    wait_until(partial(parcels.is_held, style, saga_id), what="the question")
    parcels.forget(style, saga_id)
    parcels.emulator.client("stepfunctions").stop_execution(executionArn=client.execution_arn(target.where, saga_id))

    def stuck_at() -> list[str]:
        found = client.list_sagas(target, state="STUCK", services=parcels.services)
        return [one.stuck_at for one in found if one.id == saga_id]

    assert wait_until(stuck_at, what="an operator's help") == ["take"]
    assert parcels.rows(style, saga_id) == {"take": "", "hold": "take"}


def test_a_version_is_taken_away_when_it_is_drained(parcels: Parcels) -> None:
    """The last one here: it deploys without the old version."""
    old, new = parcels.ended("choreographed", "early").version, parcels.ended("choreographed", "late").version
    assert parcels.versions_on_the_bus() == {old, new}
    for style in STYLES:
        version = parcels.ended(style, "early").version
        left = client.list_sagas(parcels.target(style), version=version, state="UNFINISHED", services=parcels.services)
        assert list(left) == []
    parcels.deploy("new")
    assert parcels.versions_on_the_bus() == {new}
    parcels.start("after")
    parcels.let_go("after")
    for style in STYLES:
        assert parcels.ended(style, "after").state == "COMPLETED"
        assert parcels.rows(style, "after") == NEW
