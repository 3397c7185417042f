"""``cdk-saga new``: an app that its author can read; that it works is tried from the wheels."""

import ast
import keyword
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Run = Callable[..., Result]


def test_an_app_is_written_and_says_what_is_next(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("new", "check-out")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "next: cd check-out, and what its README.md says"
    files = {str(file.relative_to("check-out")) for file in Path("check-out").rglob("*") if file.is_file()}
    assert {".gitignore", "README.md", "app.py", "cdk.json", "services/payments.py", "tests/test_saga.py"} <= files
    assert not [name for name in files if name.endswith(".py.txt")]
    assert 'CheckOutStack(app, "CheckOut")' in Path("check-out/app.py").read_text()


def test_what_is_written_is_formatted(run: Run, tmp_path: Path) -> None:
    run("new", "checkout", "--folder", str(tmp_path / "app"))
    ruff = Path(sys.executable).with_name("ruff")
    for check in (("format", "--check"), ("check", "--select", "E,F,UP,B,ANN")):
        command = [ruff, *check, "--isolated", "--line-length", "120", tmp_path]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_a_folder_with_something_in_it_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    done = run("new", "checkout", "--folder", str(tmp_path))
    assert done.exit_code == 2
    assert "is not empty: choose another name" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("name", "told"),
    [("../up", "characters AWS refuses somewhere"), ("2nd", "a letter, then letters"), ("x" * 41, "the limit is 40")],
)
def test_a_name_that_no_saga_can_have_is_refused(run: Run, tmp_path: Path, name: str, told: str) -> None:
    done = run("new", name, "--folder", str(tmp_path / "app"))
    assert done.exit_code == 2
    assert told in done.stderr
    assert not (tmp_path / "app").exists()


@pytest.mark.parametrize(
    "name", ["app", "ledger", "bundle", "stack", "style", "path", "class", "none", "json", "saga-bus"]
)
def test_a_name_that_python_or_the_app_uses_is_as_good_as_any(run: Run, tmp_path: Path, name: str) -> None:
    """Its stack is defined, and synthesized with what the app imports."""
    assert run("new", name, "--folder", str(tmp_path)).exit_code == 0
    tree = ast.parse((tmp_path / "infrastructure" / "stack.py").read_text())
    (made,) = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert made.isidentifier()
    assert not keyword.iskeyword(made)
    assert made not in {*imported, "Style", "SERVICES", "WRITES"}
    app = {
        alias.name
        for node in ast.walk(ast.parse((tmp_path / "app.py").read_text()))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert app == {"App", made}


@pytest.mark.long("it synthesizes in a process of its own")
def test_an_app_called_app_synthesizes(run: Run, tmp_path: Path) -> None:
    run("new", "app", "--folder", str(tmp_path))
    done = subprocess.run([sys.executable, "app.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
