"""The command line as a whole: one file a command, the same options everywhere, plain errors."""

import inspect
import pkgutil
from importlib import metadata
from pathlib import Path

import pytest
from typer.testing import CliRunner

from saga_cli import commands
from saga_cli.main import app

NAMES = [module.name.replace("_", "-") for module in pkgutil.iter_modules(commands.__path__)]


@pytest.mark.parametrize("name", NAMES)
def test_each_file_is_the_command_of_its_name_and_explains_itself(name: str) -> None:
    shown = CliRunner().invoke(app, [name, "--help"])
    assert (shown.exit_code, shown.stderr) == (0, "")
    (command,) = (one for one in app.registered_commands if one.name == name)
    assert command.callback
    assert Path(inspect.getfile(inspect.unwrap(command.callback))).stem.replace("_", "-") == name
    assert str(inspect.getdoc(command.callback)).splitlines()[0] in " ".join(shown.stdout.split())


def test_a_misspelt_command_is_refused() -> None:
    shown = CliRunner().invoke(app, ["cancle"])
    assert shown.exit_code == 2
    assert "No such command 'cancle'" in shown.stderr


def test_the_version_is_printed() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout == f"cdk-saga {metadata.version('cdk-saga')}\n"


@pytest.mark.parametrize("arguments", [[], ["list"]])
def test_help_has_a_short_name(arguments: list[str]) -> None:
    shown = CliRunner().invoke(app, [*arguments, "-h"])
    assert (shown.exit_code, shown.stdout) == (0, CliRunner().invoke(app, [*arguments, "--help"]).stdout)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands(shell: str) -> None:
    script = CliRunner().invoke(app, ["--show-completion", shell], prog_name="cdk-saga")
    assert "_CDK_SAGA_COMPLETE" in script.stdout
    asked = {
        "_CDK_SAGA_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": "cdk-saga res",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "COMP_WORDS": "cdk-saga res",
        "COMP_CWORD": "1",
    }
    assert "resume" in CliRunner().invoke(app, [], env=asked, prog_name="cdk-saga").stdout


@pytest.mark.parametrize("name", NAMES)
def test_what_reaches_aws_takes_a_profile_and_a_region(name: str) -> None:
    shown = CliRunner().invoke(app, [name, "--help"]).stdout
    assert ("--profile" in shown) == ("--stage" in shown)
    assert "--region" in shown or "--stage" not in shown
