"""The real CDK CLI against the emulator."""

import sys
from pathlib import Path

import pytest

from emulator import background, cdk
from emulator.__main__ import main
from emulator.errors import EmulatorError
from emulator.instance import Emulator
from emulator_tests.resources import invoke

APP = f"{sys.executable} {Path(__file__).with_name('cdk_app.py')}"


def test_a_stack_is_deployed_and_its_outputs_are_returned(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("CDK_VALIDATION", "false")
    cdk.bootstrap(emulator)

    outputs = cdk.deploy(emulator, "local/*", app=APP, context={"provider_url": "http://127.0.0.1:1"})["local-Little"]

    assert outputs["Provider"] == "http://127.0.0.1:1"
    assert invoke(emulator, outputs["Name"], {"seats": 2}) == {"seats": 2}


def test_the_command_deploys_an_assembly_and_prints_the_outputs(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CDK_VALIDATION", "false")
    monkeypatch.setattr(background, "attach", lambda: emulator)
    cdk.run(emulator, "synth", "--quiet", "--app", APP, "--output", str(tmp_path))

    assert main(["deploy", "--app", str(tmp_path)]) == 0
    assert "local-Little\n  Name = local-Little-Echo" in capsys.readouterr().out


def test_a_failing_cli_shows_the_end_of_its_output(emulator: Emulator) -> None:
    with pytest.raises(EmulatorError, match=r"ended with status 1(.|\n)*cdk-deploy\.log(.|\n)*no seats left"):
        cdk.deploy(emulator, "local/*", app="echo no seats left; exit 1")


def test_a_missing_cli_is_named_with_the_cure(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdk, "EMULATOR_CDK", Path("/nowhere/cdk"))

    with pytest.raises(EmulatorError, match="/nowhere/cdk or its Node is missing; run `make install`"):
        cdk.deploy(emulator, "local/*")
