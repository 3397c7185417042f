"""The real CDK CLI, pointed at the emulator."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from emulator.errors import EmulatorError, tail
from emulator.instance import ACCOUNT, REGION, Emulator
from emulator.paths import EMULATOR_CDK, REPOSITORY

Outputs = dict[str, dict[str, str]]
"""The outputs of each stack by its name, as the CLI writes them."""

DEPLOY_TIMEOUT = 600.0
"""Seconds after which a run of the CLI is given up."""


def bootstrap(emulator: Emulator) -> None:
    """Make the emulator's account ready for the CDK, unless it is already.

    Raises:
        EmulatorError: if the CLI is missing or fails; shows the end of its output.
    """
    stacks = emulator.client("cloudformation").list_stacks(StackStatusFilter=["CREATE_COMPLETE", "UPDATE_COMPLETE"])
    if "CDKToolkit" not in {stack["StackName"] for stack in stacks["StackSummaries"]}:
        # Outside the repository: there the CLI would synthesize the app first, which takes a second and is not needed.
        run(emulator, "bootstrap", f"aws://{ACCOUNT}/{REGION}", folder=emulator.state)


def deploy(
    emulator: Emulator, *stacks: str, app: str | Path | None = None, context: Mapping[str, str] | None = None
) -> Outputs:
    """Deploy stacks as `cdk deploy` does, and return their outputs.

    Args:
        emulator: where to.
        stacks: patterns of stacks, such as `local/*`.
        app: a folder with an assembly synthesized before, or a command; None for what `cdk.json` says.
        context: context values for the app, such as `provider_url`.

    Raises:
        EmulatorError: if the CLI is missing or fails; shows the end of its output.
    """
    outputs = emulator.state / "outputs.json"
    outputs.unlink(missing_ok=True)
    arguments = ["--require-approval", "never", "--outputs-file", str(outputs)]
    for name, value in (context or {}).items():
        arguments += ["--context", f"{name}={value}"]
    if app is not None:
        arguments += ["--app", str(app)]
    if app is None or not Path(app).is_dir():
        # Not the default `cdk.out`: somebody may be synthesizing there, and only one may at a time.
        arguments += ["--output", str(emulator.state / "cdk.out")]
    run(emulator, "deploy", *stacks, *arguments)
    return json.loads(outputs.read_text(encoding="utf-8")) if outputs.exists() else {}


def run(emulator: Emulator, command: str, *arguments: str, folder: Path = REPOSITORY) -> str:
    """Run a command of the CLI and return its output, which is also kept in the emulator's folder.

    Args:
        emulator: what the CLI talks to.
        command: such as `deploy` or `diff`.
        arguments: the command's arguments.
        folder: the working directory; its `cdk.json` counts.

    Raises:
        EmulatorError: if the CLI or Node is missing, the CLI fails or takes too long; shows the end of its output.
    """
    environment = _environment(emulator)
    if not EMULATOR_CDK.exists() or not shutil.which("node", path=environment["PATH"]):
        raise EmulatorError(f"The CDK CLI at {EMULATOR_CDK} or its Node is missing; run `make install`.")
    log = emulator.state / f"cdk-{command}.log"
    try:
        with log.open("wb") as output:
            status = subprocess.run(
                [EMULATOR_CDK, command, *arguments, "--no-notices", "--no-color", "--ci", "--progress", "events"],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=DEPLOY_TIMEOUT,
                check=False,
            ).returncode
    except subprocess.TimeoutExpired as error:
        raise EmulatorError(f"`cdk {command}` did not end within {DEPLOY_TIMEOUT:g} s. {tail(log)}") from error
    if status:
        raise EmulatorError(f"`cdk {command} {' '.join(arguments)}` ended with status {status}. {tail(log)}")
    return log.read_text(encoding="utf-8", errors="replace")


def _environment(emulator: Emulator) -> dict[str, str]:
    # Without bytecode every import of `aws_cdk` compiles 20 MB anew.
    unwanted = {"PYTHONDONTWRITEBYTECODE"}
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("AWS_") and name not in unwanted
    }
    return {
        **inherited,
        **emulator.environment(),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        # The CLI remembers accounts by access key; this keeps its memory apart from the user's.
        "CDK_HOME": str(emulator.state / "cdk"),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DISABLE_VERSION_CHECK": "true",
    }
