"""Every script of the workflows, run as GitHub runs it, on a pull request that loses tables and changes a saga."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from review.__main__ import main
from review.runner import Runner, jobs
from stacks.environments import ENVIRONMENTS, LOCAL

pytestmark = pytest.mark.long("synthesizes the app twice, as a workflow does")

ROOT = Path(__file__).parents[2]
MADE = shutil.ignore_patterns(".*", "node_modules", "site", "dist", "cdk.out", "__pycache__")
LABELLED = "contains(github.event.pull_request.labels.*.name, 'allow-destructive') && '--allowed' || ''"
QUICK = {"CDK_VALIDATION": "false"}
"""Other tests validate the templates."""
TOOLS = (".venv", ".venv-emulator", "node_modules")


def checkout(folder: Path, *tools: str, edits: dict[str, tuple[str, str]] | None = None) -> Path:
    """What `actions/checkout` leaves there and `make` installs into it, with text in some files replaced."""
    shutil.copytree(ROOT, folder, ignore=MADE)
    for tool in tools:
        (folder / tool).symlink_to(ROOT / tool)
    # The tools are shared: what is newer than them would make `make` install this folder's packages into them.
    for file in (*folder.glob("requirements/*.txt"), *folder.glob("*/pyproject.toml"), *folder.glob("package*.json")):
        os.utime(file, (0, 0))
    for name, (before, after) in (edits or {}).items():
        file = folder / name
        text = file.read_text()
        assert before in text
        file.write_text(text.replace(before, after))
    return folder


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base and the head of the pull request; of one environment, for more of them take longer."""
    folder = tmp_path_factory.mktemp("workspace")
    base = {"app.py": ("in ENVIRONMENTS:", "in ENVIRONMENTS[1:2]:")}
    checkout(folder / "base", *TOOLS, edits=base)
    tables = ("self._table(name.title(), environment)", 'self._table(f"{name.title()}Two", environment)')
    step = {"stacks/trip.py": ('"book_transfer"', '"book_taxi"')}
    handler = {"runtime/participants/transfers.py": ("book_transfer", "book_taxi")}
    checkout(folder / "head", *TOOLS, edits={**base, "stacks/state.py": tables, **step, **handler})
    return folder


@pytest.fixture(scope="module")
def compared(workspace: Path) -> Runner:
    """The job that compares, without the label."""
    runner = Runner(jobs("pull-request.yml")["compare"], workspace, {LABELLED: ""}, QUICK)
    runner.run()
    return runner


def test_what_loses_data_fails_and_the_comment_is_written_all_the_same(workspace: Path, compared: Runner) -> None:
    assert compared.failed == "Compare", compared.said
    comment = (workspace / "comment.md").read_text()
    assert "### :warning: Destructive: 6" in comment
    assert "| dev/State | `MessagesTwo" not in comment, "what is new is no loss"
    assert "book_taxi" in comment.partition("```mermaid")[2]
    assert comment.index("Destructive") < comment.index("```mermaid") < comment.index("<summary>State (dev)</summary>")
    assert compared.summary == comment


def test_one_new_step_is_few_lines_in_all_environments(tmp_path: Path) -> None:
    last = 'compensation="cancel_transfer"),'
    step = f'{last}\n        Step("taxi", participant="transfers", action="book_transfer", {last}'
    edits = {"base": {}, "head": {"stacks/trip.py": (last, step)}}
    for name, edit in edits.items():
        folder, material = checkout(tmp_path / name, *TOOLS, edits=edit), f"OUT={tmp_path / name}-material"
        subprocess.run(
            [shutil.which("make") or "make", "-C", folder, "material", material],
            env={**os.environ, **QUICK},
            check=True,
        )
    folders = [str(tmp_path / f"{name}-material") for name in edits]
    assert main(["compare", *folders, "--output", str(tmp_path / "comment.md")]) == 0
    lines = (tmp_path / "comment.md").read_text().splitlines()
    assert len(lines) <= 120
    assert [line for line in lines if "<summary>Trip" in line] == [
        "<details><summary>TripChoreographed (dev, prod, stg)</summary>",
        "<details><summary>TripOrchestrated (dev, prod, stg)</summary>",
    ]
    assert len([line for line in lines if "forgets version" in line]) == 2


def test_the_label_agrees_to_it(workspace: Path, compared: Runner) -> None:
    *_, compare, _, _ = compared.job["steps"]
    runner = Runner({"steps": [compare]}, workspace, {LABELLED: "--allowed"}, QUICK)
    runner.run()
    assert runner.failed == "", runner.said
    assert "Agreed to by the label" in (workspace / "comment.md").read_text()


def tool(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


def test_the_comment_is_written_over_the_last_one(tmp_path: Path) -> None:
    tool(tmp_path / "bin" / "gh", 'echo "$GH_REPO $GH_TOKEN: $*"; cat comment.md')
    (tmp_path / "comment.md").write_text("the comment\n")
    values = {"github.token": "t0", "github.repository": "org/app", "github.event.number": "7"}
    path = f"{tmp_path / 'bin'}:/usr/bin:/bin"
    runner = Runner(jobs("pull-request.yml")["comment"], tmp_path, values, {"PATH": path})
    runner.run()
    asked = "org/app t0: pr comment 7 --body-file comment.md --edit-last --create-if-none"
    assert (runner.failed, runner.said) == ("", f"{asked}\nthe comment\n")


@pytest.mark.parametrize("environment", [one.name for one in ENVIRONMENTS if one is not LOCAL])
def test_one_environment_is_deployed_without_a_question(environment: str, tmp_path: Path) -> None:
    folder = checkout(tmp_path / "checkout", ".venv", ".venv-emulator")
    tool(folder / "node_modules" / ".bin" / "cdk", 'echo "$CDK_REQUIRE_APPROVAL $*"')
    (folder / "node_modules" / ".installed").touch()
    runner = Runner(jobs("deploy.yml")["deploy"], folder, {"matrix.environment": environment})
    runner.run()
    assert runner.failed == "", runner.said
    assert f"never deploy --context environment={environment} {environment}/*" in runner.said.splitlines()


def test_no_script_of_a_workflow_is_left_out() -> None:
    found = {(file, job) for file in ("pull-request.yml", "deploy.yml") for job in jobs(file)}
    here = {("pull-request.yml", "compare"), ("pull-request.yml", "comment"), ("deploy.yml", "deploy")}
    assert found - here == {("pull-request.yml", "test")}
    assert [step["run"] for step in jobs("pull-request.yml")["test"]["steps"] if "run" in step] == ["make test"]
