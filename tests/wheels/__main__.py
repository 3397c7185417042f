"""`python -m wheels FOLDER`: write `requirements.txt` beside the wheels in FOLDER.

The names are on no index. An installer that is told a bare name asks one, and takes the newest of what it finds there
and beside it: who registers the name decides what is installed. So every wheel is named by its path and its hash.
"""

import hashlib
import sys
from pathlib import Path
from typing import Final

WANTED: Final = {"cdk_saga": "cdk-saga[cli,console,testing]", "saga_runtime": "saga-runtime[boto3]"}
"""The distribution with its extras, by how its wheel's name begins."""


def requirements(folder: Path) -> str:
    """A line for each of the two wheels in ``folder``; raises ``ValueError`` when there is none, or another one."""
    lines = ["# Written by `make wheels` for this machine: pip install --requirement THIS FILE"]
    for name, wanted in WANTED.items():
        (wheel,) = folder.glob(f"{name}-*.whl")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        lines.append(f"{wanted} @ {wheel.resolve().as_uri()}#sha256={digest}")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    written = Path(sys.argv[1])
    (written / "requirements.txt").write_text(requirements(written), encoding="utf-8")
