"""The distributions as users get them: wheels, in an environment that has never seen this repository."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from shown import block

ROOT = Path(__file__).parents[2]


def call(*command: str | Path, cwd: Path = ROOT) -> None:
    """Run a command; what it printed is shown when it fails."""
    hidden = {"PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        command, cwd=cwd, env={**environment, "CDK_VALIDATION": "false"}, capture_output=True, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stdout.decode()}\n{done.stderr.decode()}"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    uv = shutil.which("uv", path=Path(sys.executable).parent)
    assert uv, "uv is in the environment that `make` builds"
    for project in ("constructs", "runtime"):
        call(uv, "build", "--quiet", "--wheel", "--no-build-isolation", "--out-dir", folder, ROOT / project)
    return folder


def files(wheels: Path, name: str) -> set[str]:
    (wheel,) = wheels.glob(f"{name}-*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.parametrize(
    ("distribution", "packages"), [("cdk_saga", {"cdk_saga", "saga_cli"}), ("saga_runtime", {"saga_runtime"})]
)
def test_the_wheels_are_typed_and_hold_their_packages_only(wheels: Path, distribution: str, packages: set[str]) -> None:
    names = files(wheels, distribution)
    assert {f"{package}/py.typed" for package in packages} <= names
    assert {name.split("/")[0].split("-")[0] for name in names} == packages


def test_the_readmes_app_synthesizes_both_styles_in_a_fresh_environment(wheels: Path, tmp_path: Path) -> None:
    uv, python = Path(sys.executable).parent / "uv", tmp_path / "fresh" / "bin" / "python"
    call(uv, "venv", "--quiet", "--python", sys.executable, tmp_path / "fresh")
    pins = ("--constraint", ROOT / "requirements" / "dev.txt")
    call(uv, "pip", "install", "--quiet", "--python", python, *pins, *wheels.glob("*.whl"))
    (tmp_path / "flights").mkdir()
    (tmp_path / "flights" / "__init__.py").write_text(block("flights = Participant("))
    (tmp_path / "app.py").write_text(block("stack = Stack(App()").replace("App()", "App(outdir='cdk.out')"))
    call(python, "app.py", cwd=tmp_path)
    template = json.loads((tmp_path / "cdk.out" / "Trips.template.json").read_text())
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    assert {"AWS::StepFunctions::StateMachine", "AWS::Events::Rule", "AWS::SQS::Queue"} <= kinds
