"""Every command of the runbook, as it stands there, given in the page's order about a saga that needs it."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from demo.cases import PARTIALLY_COMPENSATED, STUCK
from demo.deployment import Deployment
from demo.ledger_view import Books
from demo.order import NO_REFUND, ORDER
from emulator.waiting import wait_until
from manual.pages import DOCS
from saga_runtime.client import start
from saga_runtime.services import Services

pytestmark = pytest.mark.long("it does what an operator does")

SHOWN: tuple[str, ...] = ("order", "o-8842", "prod")
"""The saga, the id and the stage that the page uses."""
COMMANDS: Final = [
    line.strip() for line in (DOCS / "runbook.md").read_text().splitlines() if line.strip().startswith("cdk-saga ")
]


def given(command: str, saga: str, saga_id: str) -> list[str]:
    """A command's words, with what is here instead of what the page shows."""
    here = dict(zip(SHOWN, (saga, saga_id, "local"), strict=True))
    program, *words = [here.get(word, word) for word in shlex.split(command)]
    return [str(Path(sys.executable).with_name(program)), *words]


@pytest.mark.parametrize(("stack", "saga"), [("Orchestrated", "order"), ("Choreographed", "order-by-events")])
def test_every_command_of_the_runbook_does_what_it_is_there_for(deployment: Deployment, stack: str, saga: str) -> None:
    saga_id, books = f"{saga}-o-8842", Books(deployment)
    books.stock(ORDER, saga_id, {"lamp": 0})
    deployment.provider.behave(NO_REFUND(match=saga_id))
    services = Services(client=deployment.client)
    start(deployment.target(f"local-Order{stack}"), saga_id, ORDER.given(saga_id), services=services)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    for command in COMMANDS:
        if (
            books.state(saga, saga_id).status != PARTIALLY_COMPENSATED
        ):  # until it is skipped, each resumption ends there again
            wait_until(lambda: books.state(saga, saga_id).status == STUCK, what=command, interval=1)
        environment = {**inherited, **deployment.emulator.environment()}
        words = given(command, saga, saga_id)
        done = subprocess.run(words, env=environment, capture_output=True, check=False, text=True)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        if " republish " in command:
            assert re.search(rf"^{saga}: published again how [1-9]\d* sagas ended$", done.stdout), done.stdout
        if " skip " in command:
            wait_until(lambda: books.state(saga, saga_id).status == PARTIALLY_COMPENSATED, what=command, interval=1)
    assert books.effects(ORDER, saga, saga_id).skipped == ("refunded by phone, ticket 4711",)
    needed = {"list", "status", "resume", "skip", "dead-letters", "redrive", "retry", "republish"}
    assert {command.split()[1] for command in COMMANDS} >= needed
