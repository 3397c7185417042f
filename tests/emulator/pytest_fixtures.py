"""Fixtures for every test that needs the local AWS: import `emulator` and `running_emulator` in a `conftest.py`."""

from collections.abc import Iterator

import pytest

from emulator.instance import Emulator


@pytest.fixture(scope="session", name="running_emulator")
def running_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One emulator for the whole session; it skips waits and retry intervals and redelivers failed messages at once."""
    with Emulator.start(wait_scale=0, redelivery=0, state=tmp_path_factory.mktemp("emulator")) as emulator:
        yield emulator


@pytest.fixture(name="emulator")
def emulator(running_emulator: Emulator) -> Iterator[Emulator]:
    """The session's emulator, without faults before and after the test; what is deployed stays."""
    running_emulator.faults.clear()
    yield running_emulator
    running_emulator.faults.clear()
