"""A job of a workflow as GitHub's runner does it, as far as its ``run`` steps go."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

Json = dict[str, Any]
WORKFLOWS: Final = Path(__file__).parents[2] / ".github" / "workflows"
SHELL: Final = ("bash", "-e")
"""GitHub's, where a step names none."""
OURS: Final = ("PYTHONPATH", "VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL")
"""Variables of the tests that no runner has."""


@dataclass
class Runner:
    """Runs steps in a folder, in the order of the job; after one that failed, only those that run always.

    Args:
        job: the job, as its workflow has it.
        folder: the workspace.
        values: what an expression of a step's ``env`` comes to, by its text.
        variables: of the runner beside.
    """

    job: Json
    folder: Path
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    failed: str = ""
    said: str = ""

    def run(self) -> None:
        """Every ``run`` step; what it says and the first that fails are kept."""
        for step in self.job["steps"]:
            if "run" in step and (not self.failed or step.get("if") == "always()"):
                self._step(step)

    @property
    def summary(self) -> str:
        """What has been added to the run's summary."""
        return self._summary.read_text() if self._summary.exists() else ""

    @property
    def _summary(self) -> Path:
        return self.folder / "step-summary.md"

    def _step(self, step: Json) -> None:
        inherited = {name: value for name, value in os.environ.items() if name not in OURS}
        given = {name: self._value(text) for name, text in step.get("env", {}).items()}
        environment = {
            **inherited,
            "CI": "true",
            "GITHUB_STEP_SUMMARY": str(self._summary),
            **self.variables,
            **given,
        }
        command = [*SHELL, "-c", step["run"]]
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        self.said += done.stdout + done.stderr
        if done.returncode:
            self.failed = self.failed or step.get("name", step["run"])

    def _value(self, text: str) -> str:
        return self.values[text.removeprefix("${{ ").removesuffix(" }}")] if text.startswith("${{") else text


def jobs(workflow: str) -> dict[str, Json]:
    """The jobs of a workflow, by their ids."""
    return yaml.safe_load((WORKFLOWS / workflow).read_text())["jobs"]
