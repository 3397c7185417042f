"""Groups on the local AWS: whichever member fails and however, both styles end the same and leave the same."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from emulator import cdk
from emulator.instance import Emulator
from emulator.waiting import wait_until
from saga_runtime.client import Target, start
from saga_runtime.services import Services
from toy_handlers import app

pytestmark = pytest.mark.long("a deployment of its own to the local AWS")

STEPS = {"middle": "abcde", "whole": "bcd"}
CASES = [
    (saga, fault)
    for saga, steps in STEPS.items()
    for fault in ["nothing", *(f"{kind} {step}" for kind in ("rejected", "broken") for step in steps)]
]
ENDED = {"COMPLETED", "COMPENSATED", "STUCK"}


@dataclass
class Ends:
    """What became of every case: its ending, the rows it left, and what each step did."""

    client: Callable[[str], Any]
    outputs: dict[str, str]

    def target(self, name: str) -> Target:
        key = "".join(word.title() for word in name.split("-")) + "Start"
        return Target(**json.loads(self.outputs[key]))

    def start_all(self) -> None:
        for style in ("orchestrated", "choreographed"):
            services = Services(client=self.client)
            for saga, fault in CASES:
                kind, _, step = fault.partition(" ")
                start(self.target(f"{saga}-{style}"), slug(fault), {kind: [step]} if step else {}, services=services)

    def ending(self, saga: str, style: str, fault: str) -> str:
        key = {"pk": {"S": f"SAGA#{saga}-{style}#{slug(fault)}"}, "sk": {"S": "META"}}

        def ended() -> str | None:
            found = self.client("dynamodb").get_item(TableName=self.outputs["LedgerName"], Key=key)
            state: str = found.get("Item", {}).get("st", {}).get("S", "")
            return state if state in ENDED else None

        return wait_until(ended, what=f"the end of {saga}, {style}, {fault}")

    def rows(self, saga: str, style: str, fault: str) -> set[str]:
        items = self.client("dynamodb").scan(TableName=self.outputs["TableName"], ConsistentRead=True)["Items"]
        prefix = f"{saga}-{style}.{slug(fault)}."
        return {item["pk"]["S"].removeprefix(prefix) for item in items if item["pk"]["S"].startswith(prefix)}


def slug(fault: str) -> str:
    return fault.replace(" ", "-")


@pytest.fixture(scope="module")
def ends(running_emulator: Emulator) -> Ends:
    cdk.bootstrap(running_emulator)
    ends = Ends(running_emulator.client, cdk.deploy(running_emulator, "Groups", app=app("groups.app"))["Groups"])
    ends.start_all()
    return ends


@pytest.mark.parametrize("style", ["orchestrated", "choreographed"])
@pytest.mark.parametrize(("saga", "fault"), CASES)
def test_a_saga_with_a_group_is_done_in_full_or_not_at_all(ends: Ends, saga: str, fault: str, style: str) -> None:
    if fault == "nothing":
        assert (ends.ending(saga, style, fault), ends.rows(saga, style, fault)) == ("COMPLETED", set(STEPS[saga]))
    else:
        assert (ends.ending(saga, style, fault), ends.rows(saga, style, fault)) == ("COMPENSATED", set())
