"""Counting what simulated sagas use of AWS, request by request."""

# ruff: noqa: SLF001
# pyright: reportPrivateUsage=false
# The simulated services are counted from inside: no fault may see that.

import contextlib
import json
import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Final
from unittest.mock import patch

from cdk_saga.cost import Assumptions, Usage
from cdk_saga.testing import Run
from cdk_saga.testing.services.functions import Functions
from cdk_saga.testing.services.interpreter import Interpreter
from cdk_saga.testing.services.queues import Queue, Queues
from cdk_saga.testing.services.requests import Request
from cdk_saga.testing.world import LEDGER

Json = dict[str, Any]
INDEXES: Final = {"view": ("at", "st", "stuck"), "wd": ("alive", "st")}
"""The partition key of each index of the ledger, and what moves an item there: see ``Ledger`` of the constructs.

Each change of state draws the part anew, in which it may also stay: counted is that it moves, as 15 of 16 do. In the
watchdog's index each has a time of its own besides, which simulated ones need not have.
"""
SHOWN: Final = {"view": ("v", "err", "dl", "end"), "wd": ("v",)}
"""What each index projects besides."""
LOGGED: Final = 800
"""Bytes that an invocation logs: its outcome in one line, Lambda's START, END and REPORT, and 26 more for each."""
OVERHEAD: Final = 26
"""Bytes that CloudWatch Logs adds to each event (CloudWatch Logs User Guide, "What is Amazon CloudWatch Logs")."""


@dataclass
class Counts:
    """What a run has used so far.

    Attributes:
        transitions: of its state machine: a call of a function, another state entered.
        sqs_requests: sent, received, deleted, put off.
        ledger_units: write units of the ledger's table, whatever the answer was: a refused write is billed too.
        own_units: likewise of the participants' own tables.
    """

    transitions: int = 0
    sqs_requests: int = 0
    ledger_units: int = 0
    own_units: int = 0

    def usage(self, run: Run, given: Assumptions) -> Usage:
        """All of it, as it is priced.

        Args:
            run: which is over.
            given: what the definition does not say.
        """
        invocations = sum(run.world.functions.invocations.values())
        changes = [change for change in run.world.dynamodb.changes if change.table == LEDGER]
        lines = run.printed.getvalue().splitlines()
        return Usage(
            transitions=self.transitions,
            events=len(run.world.bus.events),
            sqs_requests=self.sqs_requests,
            invocations=invocations,
            gb_seconds=invocations * given.memory_size / 1024 * given.milliseconds / 1000,
            write_units=self.ledger_units
            + self.own_units
            + sum(_index_units(change.old, change.new) for change in changes),
            log_bytes=invocations * LOGGED + sum(len(line) + OVERHEAD for line in lines),
        )


@contextlib.contextmanager
def counting() -> Generator[Counts]:
    """Count what simulations use."""
    counts = Counts()
    land, enter, call = Functions.land, Interpreter._enter, Interpreter._call
    send, receive = Queues.send, Queues._receive

    def landed(self: Functions, request: Request, label: tuple[str, int], number: int, role: str = "") -> Any:
        ledger = _units(request, LEDGER)
        counts.ledger_units += ledger
        counts.own_units += _units(request) - ledger
        counts.sqs_requests += request.service == "sqs" and request.operation != "SendMessage"
        return land(self, request, label, number, role)

    def entered(self: Interpreter, name: str, given: Any) -> None:
        counts.transitions += self.states.by_name[name].definition["Type"] != "Task"
        enter(self, name, given)

    def called(self: Interpreter, *given: Any) -> None:
        counts.transitions += 1
        call(self, *given)

    def sent(self: Queues, *given: Any, **more: Any) -> Any:
        counts.sqs_requests += 1
        return send(self, *given, **more)

    def received(self: Queues, queue: Queue, message: Any, consumer: Any) -> None:
        counts.sqs_requests += 1
        receive(self, queue, message, consumer)
        counts.sqs_requests += message.id not in queue.messages  # it was deleted

    with (
        patch.object(Functions, "land", landed),
        patch.multiple(Interpreter, _enter=entered, _call=called),
        patch.multiple(Queues, send=sent, _receive=received),
    ):
        yield counts


def _units(request: Request, table: str = "") -> int:
    """Write units of a request to one table or to all: one a started KiB of each item, twice that in a transaction."""
    if request.service != "dynamodb":
        return 0
    if request.operation == "TransactWriteItems":
        entries = [entry for item in request.parameters["TransactItems"] for entry in item.values()]
        return 2 * sum(_size(entry) for entry in entries if table in ("", entry["TableName"]))
    written = request.operation in ("PutItem", "UpdateItem", "DeleteItem")
    return _size(request.parameters) if written and table in ("", request.parameters["TableName"]) else 0


def _size(entry: Json) -> int:
    content = entry.get("Item") or {**entry.get("Key", {}), **entry.get("ExpressionAttributeValues", {})}
    return max(1, math.ceil(len(json.dumps(content)) / 1024))


def _index_units(old: Json | None, new: Json | None) -> int:
    """Write units of the indexes: one to leave a place and one to enter another; one for a change that is shown."""
    units = 0
    for partition, moving in INDEXES.items():
        before, after = ({} if image is None or partition not in image else image for image in (old, new))
        if not (before and after) or any(before.get(name) != after.get(name) for name in moving):
            units += bool(before) + bool(after)
        elif any(before.get(name) != after.get(name) for name in SHOWN[partition]):
            units += 1
    return units
