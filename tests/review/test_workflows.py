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
        "synthesize": {"contents": "read"},
        "compare": {"contents": "read"},
        "comment": {"pull-requests": "write"},
    },
    "deploy.yml": {"synthesize": {"contents": "read"}, "deploy": {"id-token": "write"}},
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
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
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


def test_where_credentials_can_be_had_nothing_of_the_repository_runs() -> None:
    for workflow in WORKFLOWS:
        for job in yaml.safe_load(workflow.read_text())["jobs"].values():
            if "id-token" not in job["permissions"]:
                continue
            used = [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]
            assert "actions/checkout" not in used
            kinds = [step.get("uses", step.get("run", "")).split()[0].partition("@")[0] for step in job["steps"]]
            assert kinds.index("npm") < kinds.index("aws-actions/configure-aws-credentials") == len(kinds) - 2
            (install,) = [step["run"] for step in job["steps"] if step.get("run", "").startswith("npm")]
            assert install.startswith("npm ci --ignore-scripts")
            assert job["steps"][-1]["run"].startswith("node_modules/.bin/cdk deploy --app cdk.out ")


def test_a_pull_request_is_judged_by_the_code_of_its_base() -> None:
    job = yaml.safe_load((ROOT / ".github" / "workflows" / "pull-request.yml").read_text())["jobs"]["compare"]
    checkouts = [step["with"] for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
    assert [one["ref"] for one in checkouts] == ["${{ github.event.pull_request.base.sha }}"]
    made = [step["run"] for step in job["steps"] if step.get("run", "").startswith("make")]
    assert [script.split()[1:3] for script in made] == [["-C", "base"]] * 2


def test_what_audits_the_dependencies_is_pinned_too() -> None:
    rule = (ROOT / "Makefile").read_text()
    assert "uv tool run" not in rule
    assert "$(AUDIT_VENV)/bin/pip-audit" in rule
    pins = (ROOT / "requirements" / "audit.txt").read_text()
    assert re.search(r"^pip-audit==[\d.]+ \\\n    --hash=sha256:", pins, flags=re.MULTILINE)
