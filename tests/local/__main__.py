"""`python -m local up | down`: everything that is needed to play, in the background, deployed and ready."""

import argparse
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from demo.deployment import Deployment
from emulator import background, cdk, process
from emulator.errors import EmulatorError
from emulator.paths import BACKGROUND_STATE, TESTS
from emulator.provider.server import Provider
from emulator.waiting import wait_until
from local import shelves
from local.control import Control

PROVIDER_PORT: Final = 8081
"""As `stacks.environments.LOCAL` has it."""
CONTROL_PORT: Final = 8082
URL: Final = f"http://127.0.0.1:{CONTROL_PORT}"


def main() -> int:
    """Run a command; returns the exit status: 0, or 1 with the reason on stderr."""
    parser = argparse.ArgumentParser(prog="python -m local", description="The local environment of this project.")
    parser.add_argument("command", choices=["up", "down", "serve"])
    try:
        {"up": _up, "down": _down, "serve": _serve}[parser.parse_args().command]()
    except EmulatorError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _up() -> None:
    """Start and deploy what does not run yet, and print the variables that lead there."""
    for port in (PROVIDER_PORT, CONTROL_PORT):
        if process.is_taken(port) and not background.is_running():
            raise EmulatorError(f"Port {port} is taken; stop what listens there.")
    emulator = background.attach() if background.is_running() else background.up()
    print(f"The local AWS runs at {emulator.endpoint}; deploying to it ...", file=sys.stderr)
    if not process.is_taken(CONTROL_PORT):
        with (BACKGROUND_STATE / "local.log").open("ab") as log:
            serve = (sys.executable, "-m", "local", "serve")
            environment = {**os.environ, "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}"}
            subprocess.Popen(serve, stdout=log, stderr=log, start_new_session=True, env=environment)
        wait_until(lambda: process.is_taken(CONTROL_PORT), what="the providers' start", timeout=30)
    cdk.bootstrap(emulator)
    outputs = cdk.deploy(emulator, "local/*", context={"environment": "local"})
    shelves.fill(emulator, outputs)
    print('# Paste this, or: eval "$(make --silent up)"')
    print("unset AWS_PROFILE AWS_SESSION_TOKEN")
    for name, value in {**emulator.environment(), "CDK_SAGA_LOCAL": URL}.items():
        print(f"export {name}={shlex.quote(value)}")
    print(f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"')
    print("# Then: cdk-saga start trip; cdk-saga start trip --fail hotel; cdk-saga list; cdk-saga console")


def _down() -> None:
    print("The local AWS has ended." if background.down() else "No local AWS was running.")


def _serve() -> None:
    """The providers, and who is asked for trouble; ends when the local AWS does."""
    with Provider.start(PROVIDER_PORT) as provider:
        control = Control(Deployment(background.attach(), provider, {}), CONTROL_PORT)
        while background.is_running():
            time.sleep(1)
        control.stop()


if __name__ == "__main__":
    sys.exit(main())
