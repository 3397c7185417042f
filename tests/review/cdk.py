"""The pinned CDK CLI, and the Node beside it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parents[2]


def cdk(*arguments: str | Path, folder: Path = REPOSITORY) -> tuple[int, str]:
    """Run it in ``folder``; returns its status and all it said."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    command = [REPOSITORY / "node_modules" / ".bin" / "cdk", *arguments, "--no-color"]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    return done.returncode, f"{done.stdout}\n{done.stderr}"
