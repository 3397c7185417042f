"""The page's approvals under every fault that the check knows, and its webhook in front of a recovery function."""

import json
import os
from typing import Any

import pytest
import webhook  # pyright: ignore[reportMissingImports] # the page's
from trips import approvals, trip  # pyright: ignore[reportMissingImports] # the page's

from cdk_saga.testing.check import check
from saga_runtime import Command, Participant, Writes

flights = Participant("flights")


@flights.action
def book(command: Command, writes: Writes) -> None:
    writes.put("seats", {"pk": command.idempotency_key})


@book.compensation
def cancel(command: Command, writes: Writes) -> None:
    writes.delete("seats", {"pk": command.idempotency_key})


report = check(
    trip,
    participants={"approvals": approvals, "flights": flights},
    tables={"requests": [], "seats": []},
    inputs=[{"cents": 40_000}, {"cents": 90_000}],
    answers={"approval": {"by": "Ada"}},
    most=60,
)
assert report.ok, report


class Recovery:
    """The recovery function, as far as the client uses it."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.refused: str | None = None

    def invoke(self, *, Payload: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803 # AWS's
        self.heard.append(json.loads(Payload))
        return {"Payload": self}

    def read(self) -> str:
        return json.dumps({"status": "RUNNING", "refused": self.refused})


recovery = Recovery()
target = {"name": "trip", "version": "v1", "style": "orchestrated", "where": "machine", "recovery": "recovery"}
os.environ["TARGET"] = json.dumps(target)
with pytest.MonkeyPatch.context() as patch:
    patch.setattr("saga_runtime.services.Services.functions", recovery)
    key = "trip.t-1.approval"
    yes, no = {"approved": True, "key": key, "by": "Ada"}, {"approved": False, "key": key, "why": "take the train"}
    assert webhook.handler({"body": json.dumps(yes)}, None) == {"statusCode": 204}
    recovery.refused = "too late"
    assert webhook.handler({"body": json.dumps(no)}, None) == {"statusCode": 409, "body": "too late"}
assert [told["operation"] for told in recovery.heard] == ["complete", "reject"]
