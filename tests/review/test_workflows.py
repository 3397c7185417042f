"""The workflows: valid, without known weaknesses, and about things that exist."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from review.comment import LABEL
from stacks.environments import ENVIRONMENTS, LOCAL

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

PERMISSIONS = {
    "pull-request.yml": {
        "test": {"contents": "read"},
        "compare": {"contents": "read"},
        "comment": {"pull-requests": "write"},
    },
    "deploy.yml": {"deploy": {"contents": "read", "id-token": "write"}},
    "verify.yml": {"verify": {"contents": "read", "id-token": "write"}},
}


def check(*command: str | Path) -> str:
    done = subprocess.run(
        [Path(sys.executable).with_name(str(command[0])), *command[1:]], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_workflows_are_what_github_takes() -> None:
    check("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)


def test_the_workflows_have_no_known_weakness() -> None:
    check("zizmor", "--offline", "--pedantic", "--quiet", *WORKFLOWS)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_calls_targets_that_exist(workflow: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    called = re.findall(r"run: make (?:-C \w+ )?(\w+)", workflow.read_text())
    assert called
    assert set(called) <= targets


def test_the_label_of_the_workflow_is_the_one_the_comment_asks_for() -> None:
    assert f"labels.*.name, '{LABEL}'" in (ROOT / ".github" / "workflows" / "pull-request.yml").read_text()


def test_every_environment_is_deployed_in_its_order() -> None:
    names = ", ".join(environment.name for environment in ENVIRONMENTS if environment is not LOCAL)
    assert f"environment: [{names}]" in (ROOT / ".github" / "workflows" / "deploy.yml").read_text()


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_trusts_nobody_more_than_it_must(workflow: Path) -> None:
    text, found = workflow.read_text(), yaml.safe_load(workflow.read_text())
    used = re.findall(r"uses: (.*)", text)
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []
    assert (found["permissions"], "pull_request_target" in text) == ({}, False)
    asked = {job: one["permissions"] for job, one in found["jobs"].items()}
    assert asked == PERMISSIONS[workflow.name]
    scripts = [step["run"] for job in found["jobs"].values() for step in job["steps"] if "run" in step]
    assert [script for script in scripts if "${{" in script] == [], (
        "hand it over in env: what it holds is no script then"
    )


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_job_needs_jobs_that_there_are(workflow: Path) -> None:
    found = yaml.safe_load(workflow.read_text())["jobs"]
    assert {job["needs"] for job in found.values() if "needs" in job} <= set(found)
