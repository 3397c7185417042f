"""For all tests: botocore reads its descriptions of AWS once, and workers share the tests by file."""

import functools
from pathlib import Path
from typing import Final

import botocore.loaders
import pytest

botocore.loaders.create_loader = functools.cache(botocore.loaders.create_loader)

TESTS: Final = Path(__file__).parent
LOCAL_AWS: Final = frozenset({"emulator", "running_emulator", "deployment"})
"""Fixtures of which there is one a session."""
WITH_LOCAL_AWS: Final = ("e2e", "emulator_tests")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """For `-n 2 --dist loadgroup`: all tests with a local AWS go to one worker, others by their file."""
    for item in items:
        file = item.path.relative_to(TESTS)
        fixtures = getattr(item, "fixturenames", ())
        local = file.parts[0] in WITH_LOCAL_AWS or not LOCAL_AWS.isdisjoint(fixtures)
        item.add_marker(pytest.mark.xdist_group("local AWS" if local else str(file)))
