"""Every command that a page shows for deployed sagas, as it stands there, on the deployment of the end-to-end tests."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

from demo.deployment import Deployment
from demo.ledger_view import Books
from emulator.faults import Fault
from emulator.process import free_port
from emulator.waiting import wait_until
from local import shelves
from manual.pages import DOCS, READMES, ROOT, Block, blocks, pages
from manual.typed import Where, where
from saga_cli.main import app

RUNBOOK = DOCS / "runbook.md"
"""Its commands help one saga, in test_runbook.py."""
SLOW = ("repeat it, it is idempotent", "too late: the time of")
"""What a busy machine is told: its recovery function, or this test, took longer than the local environment allows."""
ATTEMPTS = 5
STUCK = ("resume", "skip")
ANSWERS = ("complete", "reject")


def typed(block: Block) -> list[str]:
    """What is typed of a block with the local AWS at hand."""
    lines = block.text.splitlines() if block.language == "console" else []
    return [line for line in lines if line.strip() and where(line) == Where.LOCAL]


PAGES = [page for page in (*pages(), *READMES) if page != RUNBOOK and any(map(typed, blocks(page)))]


def shape(text: str) -> str:
    """A text without what differs from run to run: times, attempts, versions, and how wide a table's columns are."""
    return re.sub(r"\d+", "#", re.sub(r"version [0-9a-f]{12}", "version", re.sub(r"\s+", "", text)))


class Reader:
    """Types commands, after having put the saga that each speaks of into the state that it is there for."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.books = Books(deployment)
        self.begun: set[str] = set()
        self.input: list[str] = []

    def warm(self) -> None:
        """Have every function of a trip run once: starting one may take a busy machine longer than it may answer."""
        self.say("start", "trip", "warm")
        self.wait(lambda: self.books.state("trip", "warm").ended, "a trip")

    def say(self, *words: str) -> str:
        """What a command prints; it has to succeed."""
        done = CliRunner().invoke(app, list(words))
        assert done.exit_code == 0, f"{words}: {done.output}"
        return done.stdout

    def type(self, line: str) -> str:
        """Do as a page says."""
        _, command, *rest = shlex.split(line, comments=True)
        if command == "console":
            return self.look_into_console(*rest)
        of_one = len(rest) > 1 and not any(word.startswith("-") for word in rest[:2])
        if command == "start":
            self.begun.add(rest[1] if of_one else "")
            self.input = rest[rest.index("--input") :] if "--input" in rest else []
        if command == "start" or not of_one:
            return self.say(command, *rest)
        for attempt in range(1, ATTEMPTS):
            try:
                return self.say(command, rest[0], self.made(command, f"-{attempt}", *rest), *rest[2:])
            except AssertionError as error:
                if not any(slow in str(error) for slow in SLOW):
                    raise
        return self.say(command, rest[0], self.made(command, "", *rest), *rest[2:])

    def made(self, command: str, which: str, saga: str, saga_id: str, *rest: str) -> str:
        """The id of a saga in the state that ``command`` is there for: the page's own, where that will do."""
        if command in STUCK:
            return self.stuck(saga, f"{saga_id}-{command}{which}", rest[0] if command == "skip" else "hotel")
        if command in ANSWERS:
            return self.started(saga, f"{saga_id}-{command}{which}", f"{rest[0]} PENDING", *self.input)
        if command == "cancel":
            return self.started(saga, f"{saga_id}-{command}{which}", "flight DONE", "--timeout", "transfer")
        if saga_id not in self.begun:
            self.begun.add(saga_id)
            self.say("start", saga, saga_id)
        self.wait(lambda: bool(self.books.state(saga, saga_id).meta), saga_id)
        if command == "retry":
            self.wait(lambda: self.books.state(saga, saga_id).ended, saga_id)
        return saga_id

    def started(self, saga: str, saga_id: str, says: str, *options: str) -> str:
        """A saga of which the ledger says so."""
        self.say("start", saga, saga_id, *options)
        self.wait(lambda: self.books.says(saga, saga_id, says), f"{saga_id}: {says}")
        return saga_id

    def stuck(self, saga: str, saga_id: str, step: str) -> str:
        """A saga that is stuck at the compensation of ``step``, the cause being mended."""
        faults = self.deployment.emulator.faults
        faults.add([Fault(saga=saga_id, fault="crash-before-commit", step=step, operation="compensation", times=None)])
        self.started(saga, saga_id, f"STUCK at {step}", "--fail", "transfer")
        faults.clear()
        return saga_id

    def wait(self, seen: Callable[[], bool], what: str) -> None:
        wait_until(seen, what=what, interval=0.3)

    def look_into_console(self, *options: str) -> str:
        """Start it, at a port that is free, and end it once it has said where it answers."""
        options = tuple(str(free_port()) if option.isdigit() else option for option in options)
        asked = [sys.executable, "-m", "saga_cli", "console", *options]
        around = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(asked, env=around, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            said = running.stdout.readline()
            running.terminate()  # not as Ctrl-C does: a program in the background of a shell is deaf to that
            _, wrong = running.communicate()
        assert "shows the sagas" in said, wrong
        return said


@pytest.fixture
def reader(deployment: Deployment, control: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Reader:
    """At a terminal of 80 columns, in the shell of somebody who has said `make up`."""
    del control  # what the local environment is asked for trouble at
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {**deployment.emulator.environment(), "COLUMNS": "80"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.chdir(tmp_path)
    shelves.fill(deployment.emulator, deployment.outputs)
    reader = Reader(deployment)
    reader.warm()
    return reader


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_do_what_it_shows(page: Path, reader: Reader) -> None:
    for block, following in pairwise([*blocks(page), Block(page, 0, "", "", "")]):
        said = [reader.type(line) for line in typed(block)]
        if said and following.language == "text":
            assert shape("".join(said)) == shape(following.text), f"{following}: printed was\n{''.join(said)}"


def test_what_is_compared_is_all_but_times_and_attempts() -> None:
    shown = "hotel  rejected  1      0.3 s"
    assert shape(shown) == shape("hotel   rejected 2 12.8 s")
    assert shape(shown) != shape("hotel  done  1  0.3 s")
