"""Where each command that a page shows is run, so that none is shown which nobody has tried."""

import shlex
from enum import Enum
from typing import Final

ON_THE_PAGE: Final = ("cost", "draw", "limits", "new")
"""Our subcommands that need no AWS."""
NOT_HERE: Final = {
    "make demo": "its cases are the end-to-end tests",
    "make test": "is what runs this",
    "make install": "every other target of make does so first",
    "make test-unit": "runs a part of these tests",
    ".venv/bin/pytest": "runs one of these tests",
    "make wheels": "tests/readme/test_wheels.py builds them by the same commands",
    "eval": "the end-to-end tests deploy what `make up` does, by the same code, and set its variables",
    "make down": "ends what `make up` began; tests/emulator_tests/test_background.py",
    "make audit": "asks the advisory databases, which are on the network",
    "make material": "tests/review/test_steps.py",
    "make review": "tests/review/test_steps.py",
    "make -C": "another folder's, as tests/review/test_steps.py does",
    "export": "sets a variable of the shell",
    "cd": "the shell's",
    "mkdir": "the shell's",
    "source": "the shell's",
    "git": "makes the second checkout of a review",
    "python3 -m venv": "tests/readme/test_wheels.py makes one for each page that installs something",
    "pip install": "tests/readme/test_wheels.py imports what the page does where our wheels are installed",
    "cdk init": "takes the newest CDK from the network",
    "cdk deploy": "needs an AWS account; the page synthesizes the same app, or tests/removal runs it",
    "cdk destroy": "tests/removal/test_removal_end_to_end.py runs it on the local AWS",
    "aws cloudformation": "tests/removal/test_removal_end_to_end.py calls the same API on the local AWS",
}
"""What no test runs as it stands, by how the command begins, and why."""


class Where(Enum):
    """Where a command is run."""

    PAGE = "by run_page, in an empty folder"
    LOCAL = "by tests/e2e, on the local AWS"
    NOT = "nowhere as it stands, see NOT_HERE"


def where(command: str) -> Where:
    """Where ``command`` is run.

    Raises:
        AssertionError: nobody knows it.
    """
    program, *words = shlex.split(command, comments=True)
    if program == "pytest" or (program == "cdk-saga" and words[0] in ON_THE_PAGE):
        return Where.PAGE
    if program == "cdk-saga":
        return Where.LOCAL
    assert reason(command), f"{command!r}: nobody runs it; do so, or say in tests/manual/typed.py why not"
    return Where.NOT


def reason(command: str) -> str:
    """How the entry of ``NOT_HERE`` begins that ``command`` falls under; empty for none."""
    typed = " ".join(shlex.split(command, comments=True)) + " "
    return next((begin for begin in NOT_HERE if typed.startswith(f"{begin} ")), "")
