"""The distributions as users get them: wheels, in an environment that has never seen this repository."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path

import pytest

from html_page import Page, words
from manual.pages import DOCS, blocks, commands, pages
from rendered import block
from wheels.__main__ import requirements

pytestmark = pytest.mark.long("fresh environments, built from the wheels")

ROOT = Path(__file__).parents[2]
INSTALLING = ("tutorial.md", "how-to/test-your-saga.md", "how-to/reuse.md")
"""The pages that tell their reader to install something."""


def call(*command: str | Path, cwd: Path = ROOT, **variables: str) -> None:
    """Run a command; what it printed is shown when it fails."""
    hidden = {"PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        command, cwd=cwd, env={**environment, "CDK_VALIDATION": "false", **variables}, capture_output=True, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stdout.decode()}\n{done.stderr.decode()}"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    uv = shutil.which("uv", path=Path(sys.executable).parent)
    assert uv, "uv is in the environment that `make` builds"
    for project in ("constructs", "runtime"):
        call(uv, "build", "--quiet", "--wheel", "--no-build-isolation", "--out-dir", folder, ROOT / project)
    (folder / "requirements.txt").write_text(requirements(folder))
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


@pytest.mark.parametrize("distribution", ["cdk_saga", "saga_runtime"])
def test_the_wheels_say_what_they_are(wheels: Path, distribution: str) -> None:
    (wheel,) = wheels.glob(f"{distribution}-*.whl")
    with zipfile.ZipFile(wheel) as content:
        (told,) = [name for name in content.namelist() if name.endswith("/METADATA")]
        metadata = message_from_bytes(content.read(told))
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Project-URL"] is None, "they are published nowhere yet, and a link must lead somewhere"
    assert str(metadata.get_payload()).startswith(f"# {distribution.replace('_', '-')}\n")
    shipped = {name.rsplit("/")[-1] for name in files(wheels, distribution)}
    assert {"LICENSE", "CHANGELOG.md"} <= shipped


@pytest.mark.parametrize("project", ["constructs", "runtime"])
def test_the_changelog_tells_the_version_that_is_built(project: str) -> None:
    version = tomllib.loads((ROOT / project / "pyproject.toml").read_text())["project"]["version"]
    assert f"\n## {version}\n" in (ROOT / project / "CHANGELOG.md").read_text()


def fresh(folder: Path, wheels: Path, *wanted: str) -> Path:
    """The Python of a new environment with our wheels and the extras ``wanted``, the rest as pinned here."""
    uv, python = Path(sys.executable).parent / "uv", folder / "fresh" / "bin" / "python"
    call(uv, "venv", "--quiet", "--python", sys.executable, folder / "fresh")
    lines = (wheels / "requirements.txt").read_text().replace("[cli,console,testing]", f"[{','.join(wanted)}]")
    (folder / "requirements.txt").write_text(lines)
    install(python, folder / "requirements.txt")
    return python


def install(python: Path, wanted: Path) -> None:
    uv, pins = Path(sys.executable).parent / "uv", ROOT / "requirements" / "dev.txt"
    call(uv, "pip", "install", "--quiet", "--python", python, "--constraint", pins, "--requirement", wanted)


def test_a_new_app_passes_its_own_tests_and_synthesizes_in_a_fresh_environment(wheels: Path, tmp_path: Path) -> None:
    app = tmp_path / "check-out"
    python = fresh(tmp_path, wheels, "cli", "testing")
    call(python, "-m", "saga_cli", "new", "check-out", "--folder", app)
    own = [line for line in (app / "requirements.txt").read_text().splitlines() if "file:" in line]
    assert [line.partition("#sha256=")[2] != "" for line in own] == [True, True]
    install(python, app / "requirements.txt")
    call(python, "-m", "pytest", "-q", cwd=app)
    call(python, "app.py", cwd=app, CDK_OUTDIR="cdk.out")
    template = json.loads((app / "cdk.out" / "CheckOut.template.json").read_text())
    assert [key for key, resource in template["Resources"].items() if resource["Type"].split(":")[-1] == "StateMachine"]
    call(python, "-m", "saga_cli", "draw", "infrastructure.saga:saga", cwd=app)


def test_the_readmes_app_synthesizes_both_styles_in_a_fresh_environment(wheels: Path, tmp_path: Path) -> None:
    python = fresh(tmp_path, wheels)
    (tmp_path / "flights").mkdir()
    (tmp_path / "flights" / "__init__.py").write_text(block("flights = Participant("))
    (tmp_path / "app.py").write_text(block("stack = Stack(App()").replace("App()", "App(outdir='cdk.out')"))
    call(python, "app.py", cwd=tmp_path)
    template = json.loads((tmp_path / "cdk.out" / "Trips.template.json").read_text())
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    assert {"AWS::StepFunctions::StateMachine", "AWS::Events::Rule", "AWS::SQS::Queue"} <= kinds


@contextmanager
def console(python: Path, folder: Path) -> Generator[str]:
    """A console that runs; gives its address, and sees it end at Ctrl-C."""
    asked = [python, "-m", "saga_cli", "console"]
    hidden = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with subprocess.Popen(asked, cwd=folder, env=hidden, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            yield running.stdout.readline().split()[0]
        finally:
            running.send_signal(signal.SIGINT)
    assert running.returncode in (0, 130, -signal.SIGINT)


def answered(url: str) -> tuple[int, str]:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_the_console_starts_in_a_fresh_environment_with_all_that_its_pages_need(wheels: Path, tmp_path: Path) -> None:
    python = fresh(tmp_path, wheels, "console")
    with console(python, tmp_path) as url:
        status, text = answered(f"{url}live.js")
        assert (status, "fetch(" in text) == (200, True)
        status, text = answered(f"{url}nowhere")
        assert (status, words(Page(text).one("p", role="alert"))) == (404, "There is no such page.")
        assert ":root{" in text


def test_without_their_extras_console_and_simulation_say_what_to_install(wheels: Path, tmp_path: Path) -> None:
    missing = {
        "console": (["cli"], ["-m", "saga_cli", "console"], 2),
        "testing": ([], ["-c", "import cdk_saga.testing"], 1),
    }
    for extra, (others, arguments, status) in missing.items():
        python, advice = fresh(tmp_path / extra, wheels, *others), f"the wheel as cdk-saga[{extra}]"
        done = subprocess.run([python, *arguments], capture_output=True, text=True, check=False)
        assert (done.returncode, advice in done.stderr) == (status, True), done.stderr


def installed(page: Path) -> list[str]:
    """What a page tells its reader to install."""
    return [word for line in commands(page) if line.startswith("pip install") for word in shlex.split(line)[2:]]


@pytest.mark.parametrize("name", INSTALLING)
def test_the_modules_that_a_page_imports_are_in_what_it_installs(name: str, wheels: Path, tmp_path: Path) -> None:
    written = [block for block in blocks(DOCS / name) if block.language == "python"]
    own = {Path(block.title).parts[0].removesuffix(".py") for block in written if block.title}
    found = {line for block in written for line in block.text.splitlines() if line.startswith(("import ", "from "))}
    imports = sorted(line for line in found if line.split()[1].split(".")[0] not in own)
    assert imports
    python = fresh(tmp_path, wheels, "cli", "console", "testing")
    call(python, "-c", "\n".join(imports), cwd=tmp_path)


def test_every_page_that_installs_something_is_tried_so() -> None:
    assert {str(page.relative_to(DOCS)) for page in pages() if installed(page)} == set(INSTALLING)
