"""The how-to as its reader goes on: the fixture fails with the report, and replays a seed. The page runs the rest."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from manual.pages import DOCS, blocks

pytestmark = pytest.mark.long("tests are run by tests")

PAGE = DOCS / "how-to" / "test-your-saga.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the page's files are written to."""
    for block in blocks(PAGE):
        if block.title:
            (tmp_path / block.title).write_text(block.text)
    return tmp_path


def pytest_says(folder: Path, *arguments: str) -> tuple[int, str]:
    """How pytest ends there, and what it says."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--color=no", "test_trips.py", *arguments]
    environment = {**os.environ, "COLUMNS": "200"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_mistake_fails_the_test_with_the_report_and_its_seed_replays_it(folder: Path) -> None:
    test = (folder / "test_trips.py").read_text()
    (folder / "test_trips.py").write_text(
        test.replace("flights, payments, trip", "flights, trip")
        .replace("class FakeBank", "from naive import payments\n\n\nclass FakeBank")
        .replace("trips.bank", "naive.bank")
    )
    code, told = pytest_says(folder)
    assert code == 1
    assert "`refund` raised TypeError: 'NoneType' object is not subscriptable each time" in told
    again = r"Replay the first: pytest 'test_trips.py::test_the_trip_survives_everything' --saga-replay ([\w-]+)"
    (seed,) = set(re.findall(again, told))  # in CI, pytest's summary says it once more
    assert f"--saga-replay {seed}\n" in PAGE.read_text()
    code, told = pytest_says(folder, "--saga-replay", seed)
    assert code == 1
    assert "payment.compensation #1  1. UpdateItem" in told


def test_a_seed_of_a_saga_that_breaks_no_rule_is_shown_too(folder: Path) -> None:
    code, told = pytest_says(folder, "--saga-replay", "orchestrated-0-0")
    assert (code, "The saga is COMPLETED." in told) == (0, True), told


def test_pytest_starts_without_the_extra_as_long_as_nobody_asks_for_the_fixture(tmp_path: Path) -> None:
    (tmp_path / "test_trips.py").write_text(
        "import sys\n\n\n"
        "def test_nothing():\n    assert not {'cdk_saga.testing', 'boto3', 'aws_cdk'} & sys.modules.keys()\n"
    )
    code, told = pytest_says(tmp_path)
    assert code == 0, told
