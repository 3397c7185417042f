"""Writes a bundle's folder and zip file so that equal inputs give equal bytes, wherever and whenever."""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from cdk_saga.aws.bundle.contents import BundleError, Files

ZIP_EPOCH: Final = 315_532_800
"""1980-01-01 UTC, the earliest time a zip file can hold."""
UNIX: Final = 3
"""The system that a zip file says it was made on, wherever it was."""
FILE: Final = 0o100644
"""Mode of every file: a regular one, readable by all."""
LAMBDA_ROOT: Final = "/var/task"
"""Where Lambda unpacks it: the path that tracebacks show."""


def write_tree(files: Files, target: Path) -> None:
    """Write ``files`` and their bytecode to ``target``; it appears complete or not at all.

    Raises:
        BundleError: a source does not compile.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".") as scratch:
        root = Path(scratch, "tree")
        for path, file in sorted(files.items()):
            copy = root / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
        _compile(root)
        _normalise(root)
        try:
            root.rename(target)
        except OSError:
            if not target.is_dir():  # Another process was faster, with the same bytes.
                raise


def write_zip(root: Path, target: Path) -> None:
    """Write the files in ``root`` to the zip file ``target``; it appears complete or not at all."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".") as scratch:
        made = Path(scratch, target.name)
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(root.rglob("*")):
                if path.is_file():
                    # Not archive.write(): a zip file's times are local ones, and before 1980 west of Greenwich.
                    entry = zipfile.ZipInfo(path.relative_to(root).as_posix())
                    entry.create_system, entry.external_attr = UNIX, FILE << 16
                    archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
        made.replace(target)


def _compile(root: Path) -> None:
    """Add bytecode that is never checked against its source: ``/var/task`` is read-only, so a miss is not repaired.

    A fresh isolated interpreter does it, because what this process has interned would show in the bytes.
    """
    command = [sys.executable, "-I", "-S", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    result = subprocess.run(
        [*command, "-s", str(root), "-p", LAMBDA_ROOT, str(root)], capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise BundleError(f"a bundle source does not compile: {result.stdout.strip()}{result.stderr.strip()}")


def _normalise(root: Path) -> None:
    for path in (*root.rglob("*"), root):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (ZIP_EPOCH, ZIP_EPOCH))
