"""The code of functions, put together without Docker or pip."""

import hashlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from typing import Final

from aws_cdk import aws_lambda as lambda_

from cdk_saga.aws.bundle.contents import (
    CACHE_MARK,
    DISTRIBUTIONS,
    EXCLUDED,
    BundleError,
    Files,
    distribution_files,
    folder_files,
    installed,
    runtime_folder,
)
from cdk_saga.aws.bundle.tree import write_tree, write_zip

CACHE: Final = Path(".cdk-saga")
"""Beside ``cdk.out``, in the folder the CDK app runs in. It ignores itself in git and may be deleted."""
FORMAT: Final = "2"
"""Part of every digest; change it together with what :func:`write_tree` and :func:`write_zip` write."""
LAMBDA_PYTHONS: Final = ((3, 11), (3, 12), (3, 13), (3, 14))


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A folder with everything a function imports, boto3 aside: reproducible, and rebuilt only when an input changed.

    It holds sources and bytecode; :attr:`listing` says what. Bytecode belongs to one minor version of Python, so
    :attr:`python`, that of the interpreter at synth, is the runtime a function should ask for; another one works from
    the sources, and starts twice as slowly.

    Args:
        sources: folders of Python packages, the runtime among them.
        distributions: installed pure-Python distributions to copy, by name.
        exclude: paths in the bundle to leave out of ``distributions``.
        cache: where bundles are built and kept.
    """

    sources: tuple[Path, ...]
    distributions: tuple[str, ...] = DISTRIBUTIONS
    exclude: tuple[str, ...] = EXCLUDED
    cache: Path = CACHE

    @classmethod
    def runtime(cls, *sources: Path | str) -> "Bundle":
        """The saga runtime and what it needs, and the packages in the folders ``sources``.

        Raises:
            BundleError: ``saga_runtime`` is not installed.
        """
        return cls(sources=(runtime_folder(), *map(Path, sources)))

    @cached_property
    def digest(self) -> str:
        """The fingerprint of everything that goes in: the asset's hash.

        Raises:
            BundleError: a source is no folder, or a distribution is not installed.
        """
        total = hashlib.sha256(repr((FORMAT, sys.implementation.cache_tag, self.exclude)).encode())
        for name in sorted(self.distributions):
            total.update(f"{name}=={installed(name).version}\n".encode())
        for path, file in self._source_files():
            total.update(f"{path} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
        return total.hexdigest()

    @cached_property
    def folder(self) -> Path:
        """The built bundle.

        Raises:
            BundleError: a source or distribution cannot be bundled.
        """
        target = self.cache / "bundles" / self.digest
        if not target.is_dir():
            self.cache.mkdir(parents=True, exist_ok=True)
            (self.cache / ".gitignore").write_text("*\n")
            (self.cache / CACHE_MARK).write_text("Signature: 8a477f597d28d172789f06886806bc55\n")
            files = self._files()
            write_tree(files, target)
            sizes = [f"{file.stat().st_size:>9,} {path}" for path, file in sorted(files.items())]
            self.listing.write_text("\n".join([*sizes, ""]), encoding="utf-8")
            sources = ", ".join(str(source) for source in self.sources)
            sys.stderr.write(f"cdk-saga: bundled {len(sizes)} files of {sources}: see {self.listing}\n")
        return target

    @property
    def listing(self) -> Path:
        """The text file that lists each file of the built bundle with its bytes, bytecode aside."""
        return self.cache / "bundles" / f"{self.digest}.txt"

    @cached_property
    def archive(self) -> Path:
        """The built bundle as the zip file that Lambda gets: CDK copies one file a synth, not hundreds.

        Raises:
            BundleError: a source or distribution cannot be bundled.
        """
        target = self.folder.with_name(f"{self.digest}.zip")
        if not target.is_file():
            write_zip(self.folder, target)
        return target

    @property
    def python(self) -> lambda_.Runtime:
        """The Lambda runtime its bytecode is for, or the nearest one Lambda has."""
        nearest = max(LAMBDA_PYTHONS[0], min(LAMBDA_PYTHONS[-1], sys.version_info[:2]))
        return _runtime(f"python{nearest[0]}.{nearest[1]}")

    def code(self) -> lambda_.Code:
        """The bundle as an asset; building it happens here, when it has to."""
        return lambda_.Code.from_asset(str(self.archive.resolve()), asset_hash=self.digest)

    def _source_files(self) -> Iterable[tuple[PurePosixPath, Path]]:
        for source in self.sources:
            yield from folder_files(source)

    def _files(self) -> Files:
        files: dict[PurePosixPath, Path] = {}
        for name in self.distributions:
            files.update(distribution_files(name, self.exclude))
        for path, file in self._source_files():
            if path in files:
                raise BundleError(f"{path} comes from {str(files[path])!r} and {str(file)!r}: rename one package")
            files[path] = file
        return files


@cache
def _runtime(name: str) -> lambda_.Runtime:
    return lambda_.Runtime(name, lambda_.RuntimeFamily.PYTHON)
