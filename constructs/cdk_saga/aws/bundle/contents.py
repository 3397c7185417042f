"""What goes into a bundle: source folders, and the installed files of pure-Python distributions."""

from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Final

DISTRIBUTIONS: Final = ("aws-lambda-powertools", "jmespath", "typing-extensions")
"""What ``saga_runtime`` needs beside boto3, which the Lambda runtime brings along."""

EXCLUDED: Final = (
    "aws_lambda_powertools/event_handler",
    *(
        f"aws_lambda_powertools/utilities/{name}"
        for name in ("auth_alpha", "data_masking", "idempotency", "kafka", "parser", "streaming", "validation")
    ),
)
"""Parts of Powertools left out: HTTP routing with its Swagger UI, and utilities that need extras or replace the ledger.

A participant that wants one of them passes a shorter ``exclude``. They are half of the distribution's size.
"""

_DROPPED_FOLDERS: Final = frozenset(
    {"CVS", "__pycache__", "__pypackages__", "cdk.out", "node_modules", "site-packages", "tests", "venv", "virtualenv"}
)
CACHE_MARK: Final = "CACHEDIR.TAG"
"""Marks a cache by a convention that backups and tools know (https://bford.info/cachedir/)."""
_MARKS: Final = ("pyvenv.cfg", "cdk.out", CACHE_MARK)
"""Files by which a folder is known, whatever its name: a Python environment, what CDK wrote, a cache."""
_COMPILED: Final = frozenset({".so", ".pyd", ".dylib"})
_KEPT_METADATA: Final = ("METADATA", "LICENSE", "NOTICE")

Files = Mapping[PurePosixPath, Path]
"""Path in the bundle → file to copy."""


class BundleError(ValueError):
    """A bundle that cannot be made; the text names the source and the cure."""


def runtime_folder() -> Path:
    """The package ``saga_runtime`` of this environment, installed or editable, found without importing it."""
    spec = find_spec("saga_runtime")
    if spec is None or not spec.submodule_search_locations:
        raise BundleError(
            "saga_runtime is not importable here: install the distribution 'saga-runtime' beside cdk-saga"
        )
    return Path(spec.submodule_search_locations[0])


def folder_files(folder: Path) -> Iterator[tuple[PurePosixPath, Path]]:
    """The files of a package's folder, links followed, in the order of their paths.

    Left out are tests, bytecode, whatever is hidden, environments, other languages' packages and what CDK wrote.

    Raises:
        BundleError: it is not a folder, or a link in it leads nowhere or in a circle.
    """
    if not folder.is_dir():
        raise BundleError(f"bundle source {str(folder)!r} is not a folder: give the folder of a Python package")
    yield from _walk(folder, PurePosixPath(folder.resolve().name), frozenset())


def _walk(folder: Path, at: PurePosixPath, above: frozenset[Path]) -> Iterator[tuple[PurePosixPath, Path]]:
    inside = above | {folder.resolve()}
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        path = at / entry.name
        if _dropped(path):
            continue
        if not entry.exists():
            raise BundleError(f"link {str(entry)!r} leads to {str(entry.readlink())!r}, which is not there: remove it")
        if entry.is_file():
            yield path, entry
        elif entry.is_dir() and not any((entry / mark).is_file() for mark in _MARKS):
            if entry.resolve() in inside:
                raise BundleError(f"link {str(entry)!r} leads to a folder that holds it: remove the link")
            yield from _walk(entry, path, inside)


def distribution_files(name: str, exclude: tuple[str, ...]) -> Iterator[tuple[PurePosixPath, Path]]:
    """The files of an installed distribution, without scripts, installer's notes and ``exclude``.

    Raises:
        BundleError: it is not installed, or not pure Python.
    """
    for path in installed(name).files or ():
        posix = PurePosixPath(path)
        if posix.suffix in _COMPILED:
            raise BundleError(f"{name} ships {posix.name}: a bundle holds pure Python; put that into a Lambda layer")
        if not _dropped(posix) and not any(posix.is_relative_to(part) for part in exclude):
            yield posix, Path(str(path.locate()))


def installed(name: str) -> Distribution:
    """The metadata of an installed distribution.

    Raises:
        BundleError: it is not installed.
    """
    try:
        return distribution(name)
    except PackageNotFoundError:
        raise BundleError(f"distribution {name!r} is not installed here: install it beside cdk-saga") from None


def _dropped(path: PurePosixPath) -> bool:
    if not _DROPPED_FOLDERS.isdisjoint(path.parts) or path.suffix == ".pyc":
        return True
    if any(part.startswith(".") for part in path.parts):
        return True
    if not path.parts[0].endswith(".dist-info"):
        return False
    return path.parts[1] != "licenses" and not path.name.startswith(_KEPT_METADATA)
