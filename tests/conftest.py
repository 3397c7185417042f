"""For all tests: botocore reads its descriptions of AWS once, and workers share the tests by file."""

import functools
from pathlib import Path
from typing import Final

import botocore.loaders
import pytest
from xdist.remote import Producer  # pyright: ignore[reportMissingTypeStubs] # typed, but not marked so
from xdist.scheduler.loadscope import LoadScopeScheduling  # pyright: ignore[reportMissingTypeStubs]

botocore.loaders.create_loader = functools.cache(botocore.loaders.create_loader)

TESTS: Final = Path(__file__).parent
LOCAL_AWS: Final = frozenset({"emulator", "running_emulator", "deployment"})
"""Fixtures of which there is one a session."""
WITH_LOCAL_AWS: Final = ("e2e", "emulator_tests", "removal", "groups/test_groups_end_to_end", "versions")
"""Folders and files whose tests use them."""
LONG: Final = {
    "emulator_tests": "they test our tool for tests",
    "cli/browser": "they start a browser",
}
"""Folders that are left to `make test-all` as a whole."""
FIRST: Final = ("simulation", "check", "stacks")
"""Folders whose files take longest: begun last, one of them would keep the others waiting."""


class ByFile(LoadScopeScheduling):
    """Gives each worker whole files, and all that use the local AWS to one.

    xdist's own groups do nothing with pytest 9.2, whose node ids are no longer the attribute that xdist changes.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0].removeprefix(f"{TESTS.name}/")
        return "local AWS" if file.startswith(WITH_LOCAL_AWS) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """For any `--dist` but `no`."""
    return ByFile(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is long, and begin with what takes longest."""
    for item in items:
        file = _file(item)
        if why := next((why for place, why in LONG.items() if file.startswith(place)), None):
            item.add_marker(pytest.mark.long(why))
        if not (file.startswith(WITH_LOCAL_AWS) or LOCAL_AWS.isdisjoint(getattr(item, "fixturenames", ()))):
            raise pytest.UsageError(f"{file} uses the local AWS: name it in WITH_LOCAL_AWS of {__file__}")
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    file = _file(item)
    if file.startswith(WITH_LOCAL_AWS):
        return 0
    return 1 if file.startswith(FIRST) else 2


def _file(item: pytest.Item) -> str:
    return item.path.relative_to(TESTS).as_posix()
