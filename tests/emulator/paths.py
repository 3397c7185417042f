"""Where the emulator's tools are. Each may be replaced by an environment variable of the same name."""

import os
from pathlib import Path

TESTS = Path(__file__).parents[1]
REPOSITORY = TESTS.parent


def _path(variable: str, default: Path) -> Path:
    return Path(os.environ.get(variable) or default)


EMULATOR_PYTHON = _path("EMULATOR_PYTHON", REPOSITORY / ".venv-emulator" / "bin" / "python")
"""The Python that runs MiniStack and the Lambda handlers; has `ministack` and `boto3`, and nothing of this project."""

EMULATOR_CDK = _path("EMULATOR_CDK", REPOSITORY / "node_modules" / ".bin" / "cdk")
"""The pinned CDK CLI."""

BACKGROUND_STATE = _path("EMULATOR_STATE", REPOSITORY / ".emulator")
"""What `python -m emulator up` writes: state, log, the CLI's output. Git ignores it."""
