"""`cdk watch` and `cdk deploy --hotswap` change some types of resources and no others.

They compare templates. A changed definition of an orchestrated saga must change a resource that they cannot change:
then `--hotswap-fallback` deploys all of it, and `cdk watch` names what it leaves as it was. Of a choreographed saga
they change everything that a definition changes, or name what they do not create or delete. Which types they change is
read from the pinned CLI.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import pytest

from cdk_saga import Retry, Saga, Step
from cdk_saga.aws import OrchestratedSaga
from parts import deployed
from sagas import TRIP
from templates import ROOT, Json, of_type

CLI: Final = ROOT / "node_modules" / "aws-cdk" / "lib" / "index.js"
PATIENT: Final = Saga("trip", [replace(TRIP.all_steps[0], retry=Retry(max_attempts=9)), *TRIP.all_steps[1:]])
LONGER: Final = Saga("trip", [*TRIP.steps, Step("bill", participant="flights", action="bill", compensation="unbill")])


def hotswapped() -> set[str]:
    """The types of resources that the CLI changes."""
    text = CLI.read_text(encoding="utf-8")
    table = text[text.index("RESOURCE_DETECTORS = {") :]
    return set(re.findall(r'"(AWS::\w+::\w+)": isHotswappable', table[: table.index("};")]))


def left_alone(before: Json, after: Json) -> Iterator[str]:
    """The resources that differ and that the CLI does not change: created, deleted, or of another type."""
    types, old, new = hotswapped(), before["Resources"], after["Resources"]
    for id in sorted(old.keys() | new.keys()):
        if old.get(id) != new.get(id) and (id not in old or id not in new or new[id]["Type"] not in types):
            yield id


def test_the_cli_hotswaps_a_machine_and_neither_its_version_nor_its_alias() -> None:
    machine = "AWS::StepFunctions::StateMachine"
    assert {machine, f"{machine}Version", f"{machine}Alias"} & hotswapped() == {machine}


@pytest.mark.parametrize("changed", [PATIENT, LONGER], ids=["retry", "step"])
def test_a_hotswap_names_the_version_that_it_does_not_publish(changed: Saga) -> None:
    before, after = deployed(OrchestratedSaga), deployed(OrchestratedSaga, saga=changed)
    (version,) = of_type(after, "AWS::StepFunctions::StateMachineVersion")
    assert version in left_alone(before, after)


def test_the_same_definition_publishes_no_other_version() -> None:
    before, after = (of_type(deployed(OrchestratedSaga), "AWS::StepFunctions::StateMachineVersion") for _ in range(2))
    assert before == after
