"""The command line as people type it, on the deployment of the end-to-end tests, in both styles."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from demo.cases import COMPENSATED, SILENT
from demo.deployment import Deployment
from demo.ledger_view import Books
from demo.order import NO_REFUND, ORDER
from demo.trip import TRIP
from emulator.faults import Fault
from emulator.waiting import wait_until
from local import shelves
from manual.pages import DOCS, blocks

pytestmark = pytest.mark.long("some hundred processes")

Json = dict[str, Any]
SAGAS = ("order", "order-by-events")


class CommandLine:
    """Runs ``cdk-saga … --json`` as a process of its own and returns what it printed; fails when it does."""

    def __init__(self, deployment: Deployment) -> None:
        self.books = Books(deployment)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._environment = {**inherited, **deployment.emulator.environment()}

    def __call__(self, *arguments: str) -> Any:
        asked = (Path(sys.executable).with_name("cdk-saga"), *arguments, "--json")
        done = subprocess.run(asked, env=self._environment, capture_output=True, check=False, text=True)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return json.loads(done.stdout)

    def when(self, saga: str, saga_id: str, wanted: str) -> Json:
        """Its status as soon as it is in that state."""
        what = f"{saga} {saga_id} {wanted}"
        wait_until(lambda: self.books.state(saga, saga_id).status == wanted, what=what, interval=0.2)
        return self("status", saga, saga_id)


@pytest.fixture
def command(deployment: Deployment) -> CommandLine:
    return CommandLine(deployment)


def redriven(command: CommandLine, saga: str, saga_id: str) -> list[Json]:
    """Its dead letters, redriven with all others."""
    return [dead_letter for dead_letter in command("redrive", saga) if saga_id in dead_letter["body"]]


@pytest.mark.parametrize("saga", SAGAS)
def test_a_stuck_saga_is_found_understood_and_helped(deployment: Deployment, command: CommandLine, saga: str) -> None:
    key, books = f"{saga}-cli-", command.books
    books.stock(ORDER, key, {"lamp": 0})
    deployment.provider.behave(NO_REFUND(match=key))
    command("start", saga, f"{key}stuck", "--input", json.dumps(ORDER.given(key)))
    seen = command.when(saga, f"{key}stuck", "STUCK")
    assert (seen["at"], [step["outcome"] for step in seen["steps"][1:]]) == (
        ["payment"],
        ["rejected", *["not begun"] * 2],
    )
    assert "stuck at payment" in seen["why"]
    assert f"{key}stuck" in [one["id"] for one in command("list", "--state", "STUCK", "--step", "payment")]
    books.repair(key)
    if saga == "order":
        command("resume", saga, f"{key}stuck")
    else:
        # The ledger says STUCK first, then its dead letter is left.
        dead_letters = wait_until(lambda: redriven(command, saga, f"{key}stuck"), what="its dead letter", interval=1)
        assert [dead_letter["done"] in {"COMPENSATING", "COMPENSATED"} for dead_letter in dead_letters] == [True]
    ended = command.when(saga, f"{key}stuck", "COMPENSATED")
    assert ended["steps"][0]["outcome"] == "undone"
    assert f"{key}stuck" not in json.dumps(command("redrive", saga))
    assert command("retry", saga, f"{key}stuck")["state"] == "COMPENSATED"


@pytest.mark.parametrize("saga", SAGAS)
def test_a_saga_is_cancelled_on_the_way(deployment: Deployment, command: CommandLine, saga: str) -> None:
    key, books = f"{saga}-cli-", command.books
    books.stock(ORDER, key, {})
    deployment.provider.behave(SILENT(match=f"{key}cancelled", collection="charges"))
    given = json.dumps({**ORDER.given(key), "customer": f"{key}cancelled"})
    command("start", saga, f"{key}cancelled", "--input", given)
    wait_until(lambda: books.says(saga, f"{key}cancelled", "payment STARTED"), what="the charge")
    command("cancel", saga, f"{key}cancelled")
    ended = command.when(saga, f"{key}cancelled", "COMPENSATED")
    assert (ended["why"], ended["steps"][0]["outcome"], ended["next"]) == ("it was cancelled", "undone", "")


def test_an_ending_whose_message_was_lost_is_told_on_order(deployment: Deployment, command: CommandLine) -> None:
    """Its last compensation died after the commit and before the telling, and then somebody purged the queue."""
    saga, saga_id, books = "trip-by-events", "lost-cli-a", command.books
    books.stock(TRIP, "lost-cli-", {"rooms": 0})
    death = Fault(saga=saga_id, fault="crash-after-commit", step="flight", operation="compensation", times=None)
    deployment.emulator.faults.set([death])
    command("start", saga, saga_id, "--input", json.dumps(TRIP.given("lost-cli-")))
    command.when(saga, saga_id, COMPENSATED)
    queue = deployment.queues("local-TripChoreographed")["Sagaflightcompensation"]
    deployment.client("sqs").purge_queue(QueueUrl=queue)
    deployment.emulator.faults.clear()
    assert saga_id in [one["id"] for one in command("list", saga, "--ended-within", "1h", "--limit", "999")]
    told = {one["id"]: (one["state"], one["refused"]) for one in command("republish", saga, "--ended-within", "1h")}
    assert told[saga_id] == (COMPENSATED, "")
    wait_until(lambda: books.told(saga, saga_id) == (TRIP.told[COMPENSATED],), what="the message")


TROUBLE = {
    "--fail=hotel": ("COMPENSATED", "hotel was rejected"),
    "--fail=transfer": ("COMPENSATED", "transfer was rejected"),
    "--timeout=transfer": ("COMPENSATED", "transfer"),
    "--timeout=hotel": ("COMPENSATED", "hotel"),
    "--crash-after=flight": ("COMPLETED", ""),
    "--duplicate": ("COMPLETED", ""),
    "--json": ("COMPLETED", ""),
}


@pytest.mark.usefixtures("control")
@pytest.mark.parametrize("saga", ["trip", "trip-by-events"])
def test_the_local_environment_breaks_as_it_is_told(command: CommandLine, saga: str) -> None:
    # A function that dies at each delivery is given up by a queue after all its receives: half an hour here.
    trouble = {one: told for one, told in TROUBLE.items() if saga == "trip" or one != "--timeout=hotel"}
    started = {option: command("start", saga, option)["id"] for option in trouble}
    for option, (ending, why) in trouble.items():
        ended = command.when(saga, started[option], ending)
        assert (option, why in ended["why"]) == (option, True), ended["why"]


@pytest.mark.usefixtures("control")
def test_trouble_that_the_local_environment_does_not_know_starts_nothing(command: CommandLine) -> None:
    with pytest.raises(AssertionError, match="--fail is 'hotle': trip has flight, hotel, transfer"):
        command("start", "trip", "mistyped", "--fail", "hotle")
    assert "mistyped" not in [one["id"] for one in command("list", "trip")]


def test_what_the_tutorial_starts_finds_its_goods_and_what_was_sold_stays_sold(
    deployment: Deployment, command: CommandLine
) -> None:
    lines = "".join(block.text for block in blocks(DOCS / "tutorial.md")).splitlines()
    (typed,) = [line for line in lines if line.startswith("cdk-saga start") and "--input" in line]
    _, start, saga, saga_id, *given = shlex.split(typed)
    for again in ("", "-2"):
        shelves.fill(deployment.emulator, deployment.outputs)
        command(start, saga, saga_id + again, *given)
        command.when(saga, saga_id + again, "COMPLETED")
    left = deployment.client("dynamodb").get_item(
        TableName=deployment.outputs["local-State"]["FlightsTable"], Key={"pk": {"S": "FLIGHT#LH1"}}
    )
    assert left["Item"]["seats"] == {"N": "98"}
