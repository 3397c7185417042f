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
LONG: Final = {
    "emulator_tests": "they test our tool for tests",
    "cli/browser": "they start a browser",
    "e2e/test_acceptance": "the demo's cases once more, as in an account",
    "e2e/test_recovery": "it waits for the watchdog",
    "e2e/test_runbook": "it does what an operator does",
}
"""Folders and files that are left to `make test-all`."""
FIRST: Final = ("simulation", "check", "stacks")
"""Folders whose files take longest: begun last, one of them would keep the others waiting."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """For `--dist loadgroup`: all tests with a local AWS go to one worker, others by their file."""
    for item in items:
        file = item.path.relative_to(TESTS)
        item.add_marker(pytest.mark.xdist_group("local AWS" if _is_local(item) else str(file)))
        if why := next((why for place, why in LONG.items() if str(file).startswith(place)), None):
            item.add_marker(pytest.mark.long(why))
    items.sort(key=_turn)


def _is_local(item: pytest.Item) -> bool:
    in_folder = item.path.relative_to(TESTS).parts[0] in WITH_LOCAL_AWS
    return in_folder or not LOCAL_AWS.isdisjoint(getattr(item, "fixturenames", ()))


def _turn(item: pytest.Item) -> int:
    if _is_local(item):
        return 0
    return 1 if item.path.relative_to(TESTS).parts[0] in FIRST else 2
