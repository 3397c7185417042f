"""The command line as a whole: one file a command, the same options everywhere, plain errors."""

import inspect
import pkgutil
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
