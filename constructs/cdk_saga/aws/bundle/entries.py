"""What a bundle's handlers are, found by importing them as Lambda will: in a Python with the bundle and boto3 only."""

import functools
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final, TypedDict

PROVIDED: Final = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")
"""What Lambda's Python brings along (AWS Lambda Developer Guide, "Python Lambda functions: runtime-included SDK")."""
PATIENCE: Final = 120
"""Seconds that all imports may take."""
IMPORTER: Final = Path(__file__).with_name("importer.py")


class Entry(TypedDict, total=False):
    """What importing a handler came to.

    Attributes:
        missing: the module that is not there.
        absent: what the handler's module does not have.
        raised: another error of the import, which says nothing of the handler: it may want its environment.
        names: the handlers that its participant registers; not there when it is no participant's.
    """

    missing: str
    absent: str
    raised: str
    names: list[str]


class Entries:
    """Imports handlers of one bundle, all that are expected at once, and remembers what came of it beside the bundle.

    Args:
        folder: the built bundle.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder.with_name(f"{folder.name}.handlers.json")
        self._expected: set[str] = set()

    def expect(self, handler: str) -> None:
        """Note that ``handler`` will be asked for."""
        self._expected.add(handler)

    def entry(self, handler: str) -> Entry:
        """What importing ``handler``, ``module.attribute``, came to."""
        self.expect(handler)
        known: dict[str, Entry] = json.loads(self._file.read_text()) if self._file.is_file() else {}
        if unknown := sorted(self._expected - known.keys()):
            known |= self._imported(unknown)
            self._file.write_text(json.dumps(known))
        return known[handler]

    def _imported(self, handlers: list[str]) -> dict[str, Entry]:
        places = [Path(spec.origin).parent for name in PROVIDED if (spec := find_spec(name)) and spec.origin]
        site = sorted({str(place if place.name not in PROVIDED else place.parent) for place in places})
        asked = {"folder": str(self._folder.resolve()), "site": site, "provided": PROVIDED, "handlers": handlers}
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(IMPORTER)],
            input=json.dumps(asked),
            env={"AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        if done.returncode:
            return {handler: {"raised": done.stderr.strip()[-500:] or "the interpreter ended"} for handler in handlers}
        return json.loads(done.stdout.splitlines()[-1])


entries = functools.cache(Entries)
"""The entries of a bundle by its folder, so that all functions of an app are imported at once."""
