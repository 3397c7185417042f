"""`cdk-saga check-deploy`: names the sagas under way that a deployment would drop, and changes nothing."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import Result

from saga_runtime.ledger import SagaKey
from saga_runtime.recovery import ControlOperations

Run = Callable[..., Result]
STACK = "dev-Order"


def assembly(
    folder: Path,
    *,
    version: str,
    previous_versions: Sequence[str] = (),
    name: str = "order",
    stack: str = STACK,
    machine: bool = False,
) -> str:
    """A synthesized app: a stage, in it a stack with recovery of one saga."""
    inner = folder / "assembly-dev"
    inner.mkdir(parents=True)
    old = {one: {"steps": {}} for one in previous_versions}
    variables = {
        "SAGA_NAME": name,
        "SAGA_VERSION": version,
        "SAGA_STEPS": "{}",
        "SAGA_PREVIOUS_VERSIONS": json.dumps(old),
    }
    variables |= {"SAGA_STATE_MACHINE": {"Ref": "Version"}} if machine else {}
    recovery = {"Type": "AWS::Lambda::Function", "Properties": {"Environment": {"Variables": variables}}}
    table = {"Type": "AWS::DynamoDB::Table"}
    (inner / "t.json").write_text(json.dumps({"Resources": {"Recovery": recovery, "Table": table}}))
    told = {"templateFile": "t.json", "stackName": stack}
    artifacts = {"x": {"type": "aws:cloudformation:stack", "properties": told}}
    (inner / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    outer = {"s": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-dev"}}}
    (folder / "manifest.json").write_text(json.dumps({"artifacts": outer}))
    return str(folder)


@pytest.mark.usefixtures("operations")
@pytest.mark.parametrize(("version", "previous_versions"), [("v1", []), ("v2", ["v1"]), ("v3", ["v2", "v1"])])
def test_a_version_that_stays_deployed_is_fine(
    run: Run, tmp_path: Path, version: str, previous_versions: list[str]
) -> None:
    result = run("check-deploy", assembly(tmp_path / "out", version=version, previous_versions=previous_versions))
    assert (result.exit_code, result.stdout) == (0, "every saga under way goes on after this deployment\n")


@pytest.mark.usefixtures("operations")
def test_a_forgotten_version_is_named_with_its_sagas(run: Run, tmp_path: Path) -> None:
    result = run("check-deploy", assembly(tmp_path / "out", version="v2", previous_versions=["v0"]))
    assert result.exit_code == 1
    assert "order t-1 (running, version v1): its version is not deployed any more" in result.stdout


@pytest.mark.usefixtures("stuck")
def test_a_stuck_saga_of_a_forgotten_version_is_named_too(run: Run, tmp_path: Path) -> None:
    result = run("check-deploy", assembly(tmp_path / "out", version="v2"), "--json")
    (found,) = json.loads(result.stdout)
    assert (result.exit_code, found["id"], found["state"], found["version"]) == (1, "t-1", "STUCK", "v1")


@pytest.mark.usefixtures("operations")
@pytest.mark.parametrize(
    ("planned", "why"),
    [
        ({"machine": True}, "the style changes to orchestrated"),
        ({"name": "trip"}, "saga 'order' is removed"),
    ],
)
def test_sagas_under_way_are_named_when_the_style_changes_or_the_saga_is_removed(
    run: Run, tmp_path: Path, planned: dict[str, object], why: str
) -> None:
    result = run("check-deploy", assembly(tmp_path / "out", version="v1", **planned))  # type: ignore[arg-type] # of each its own
    assert (result.exit_code, why in result.stdout) == (1, True)


def test_a_saga_that_has_ended_keeps_nothing_from_being_deployed(
    run: Run, operations: ControlOperations, tmp_path: Path
) -> None:
    operations.context.sagas.complete(SagaKey("order", "t-1"))
    assert run("check-deploy", assembly(tmp_path / "out", version="v2")).exit_code == 0


@pytest.mark.usefixtures("operations")
def test_a_stack_that_is_not_in_the_app_is_left_alone(run: Run, tmp_path: Path) -> None:
    assert run("check-deploy", assembly(tmp_path / "out", version="v2", stack="dev-Other")).exit_code == 0


@pytest.mark.usefixtures("operations")
def test_a_folder_without_an_assembly_is_refused_with_what_to_do(run: Run, tmp_path: Path) -> None:
    result = run("check-deploy", str(tmp_path))
    assert (result.exit_code, "run `cdk synth` first" in result.stderr) == (2, True)
