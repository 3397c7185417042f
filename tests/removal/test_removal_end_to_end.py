"""Sagas and their stage are removed, moved and deployed again on the local AWS, by the commands of the manual's page.

The tests depend on their order: each begins with what the one before has left.
"""

import json
import shlex
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import pytest

from emulator import cdk
from emulator.errors import EmulatorError
from emulator.instance import Emulator
from emulator.waiting import wait_until
from manual.pages import DOCS, commands
from removal.app import synthesize
from saga_runtime import client
from saga_runtime.services import Services

pytestmark = pytest.mark.long("many deployments to the local AWS")

PAGE: Final = DOCS / "how-to" / "remove-or-move.md"
REMOVE, REPAIR, DESTROY = commands(PAGE)[:3], commands(PAGE)[3:4], commands(PAGE)[4:]


@dataclass
class Stage:
    """The stage, and who does to it what the page says.

    Attributes:
        sagas: what the app has by now.
    """

    emulator: Emulator
    sagas: list[str] = field(default_factory=list[str])

    def do(self, lines: list[str], *sagas: str, **names: str) -> None:
        """Type ``lines`` with these sagas in the app; ``names`` are other stacks than the page's."""
        assert lines
        self.sagas = list(sagas)
        for line in lines:
            for name, other in names.items():
                line = line.replace(name, other)  # noqa: PLW2901 # the reader's own stack
            program, *words = shlex.split(line)
            if program == "cdk":
                self._cdk(*words)
            else:
                self._aws(words)

    def _cdk(self, command: str, *words: str) -> None:
        more = ["--require-approval", "never"] if command == "deploy" else []
        folder = self.emulator.state / "removal" / ",".join(["with", *self.sagas])
        app = folder if folder.exists() else synthesize(folder, *self.sagas)
        cdk.run(self.emulator, command, *words, *more, "--app", str(app))

    def _aws(self, words: list[str]) -> None:
        cloudformation, stack = self.emulator.client("cloudformation"), words[-1]
        if words[1] == "delete-stack":
            cloudformation.delete_stack(StackName=stack)
        else:
            assert words[1:3] == ["wait", "stack-delete-complete"]
            cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})

    def stacks(self) -> set[str]:
        """The names of the stage's stacks that are deployed, or are again as they were before a deployment failed."""
        good = ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"]
        found = self.emulator.client("cloudformation").list_stacks(StackStatusFilter=good)["StackSummaries"]
        return {one["StackName"].removeprefix("prod-") for one in found if one["StackName"].startswith("prod-")}

    def target(self, stack: str) -> client.Target:
        """Where a stack's saga is started."""
        (found,) = self.emulator.client("cloudformation").describe_stacks(StackName=f"prod-{stack}")["Stacks"]
        outputs: dict[str, str] = {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]}
        (value,) = [value for key, value in outputs.items() if key.endswith("Start")]
        return client.Target(**json.loads(value))

    def completes(self, stack: str, saga_id: str) -> bool:
        """Whether a saga that is started now completes."""
        services, target = Services(client=self.emulator.client), self.target(stack)
        client.start(target, saga_id, {}, services=services)
        ended = partial(self._ended, target, saga_id, services)
        return wait_until(ended, what=f"the end of {saga_id}") == "COMPLETED"

    def _ended(self, target: client.Target, saga_id: str, services: Services) -> str:
        try:
            status = client.status(target, saga_id, services=services)
        except client.SagaUnknown:
            return ""
        return status.state if status.ended else ""

    def shown(self) -> str:
        """What the stage's dashboard shows."""
        cloudformation, cloudwatch = self.emulator.client("cloudformation"), self.emulator.client("cloudwatch")
        found = cloudformation.describe_stack_resources(StackName="prod-Operations")["StackResources"]
        (name,) = [one["PhysicalResourceId"] for one in found if one["ResourceType"] == "AWS::CloudWatch::Dashboard"]
        return str(cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"])

    def machines(self) -> set[str]:
        """The state machines of the account: other tests may have some too."""
        found = self.emulator.client("stepfunctions").list_state_machines()["stateMachines"]
        return {one["stateMachineArn"] for one in found}


@pytest.fixture(scope="module")
def stage(running_emulator: Emulator) -> Stage:
    cdk.bootstrap(running_emulator)
    stage = Stage(running_emulator)
    stage.do(["cdk deploy 'prod/*'"], "trip", "order")
    return stage


def test_a_stack_that_another_one_imports_is_not_deleted(stage: Stage) -> None:
    with pytest.raises(Exception, match=r"prod-State:\S+ is imported by stack prod-"):
        stage.emulator.client("cloudformation").delete_stack(StackName="prod-State")


def test_what_only_the_removed_saga_imports_cannot_leave_before_it(stage: Stage) -> None:
    with pytest.raises(EmulatorError, match=r"Export \S+ cannot be updated as it is in use by prod-"):
        stage.do(REPAIR)
    assert stage.stacks() == {"State", "Trip", "Order", "Operations"}


def test_one_saga_is_removed(stage: Stage) -> None:
    assert '"trip"' in stage.shown()
    machine, before = stage.target("Trip").where.rpartition(":")[0], stage.machines()
    stage.do(REMOVE, "order")
    assert stage.stacks() == {"State", "Order", "Operations"}
    assert '"trip"' not in stage.shown()
    assert before - stage.machines() == {machine}
    assert stage.completes("Order", "after-a-removal")


def test_a_deployment_that_failed_in_the_middle_is_repeated(stage: Stage) -> None:
    with pytest.raises(EmulatorError, match="prod-Bill"):
        stage.do(REPAIR, "order", "bill!")
    assert stage.stacks() == {"State", "Order", "Operations"}
    assert stage.completes("Order", "in-between")
    stage.do(REPAIR, "order", "bill")
    assert stage.stacks() == {"State", "Order", "Operations", "Bill"}
    assert stage.completes("Bill", "after-a-failure")


def test_a_saga_moves_to_another_stack(stage: Stage) -> None:
    stage.do(REMOVE, "order:Moved", "bill", **{"prod-Trip": "prod-Order"})
    assert stage.stacks() == {"State", "Moved", "Operations", "Bill"}
    assert stage.completes("Moved", "after-a-move")
    services = Services(client=stage.emulator.client)
    assert client.status(stage.target("Moved"), "in-between", services=services).state == "COMPLETED"


def test_the_last_sagas_are_removed(stage: Stage) -> None:
    delete = REMOVE[:2]
    for stack in ("prod-Operations", "prod-Moved"):
        stage.do(delete, "bill", **{"prod-Trip": stack})
    stage.do(REMOVE, **{"prod-Trip": "prod-Bill"})
    assert stage.stacks() == {"State"}


def test_a_stage_is_removed_and_deployed_again(stage: Stage) -> None:
    stage.do(["cdk deploy 'prod/*'"], "trip")
    stage.do(DESTROY, "trip")
    assert stage.stacks() == set()
    stage.do(["cdk deploy 'prod/*'"], "trip")
    assert stage.completes("Trip", "anew")
