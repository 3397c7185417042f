"""Approvals: a trip over the limit waits for a person to say yes or no."""

from typing import Any, Final

from participants.inputs import count, text, wanted
from saga_runtime import Command, Participant, Pending, Rejected, Writes
from saga_runtime.services import variable

approvals = Participant("approvals")
MAX_CENTS: Final = 1_000_000
"""The most that may be approved."""


@approvals.action
def ask_approval(command: Command, writes: Writes) -> dict[str, Any] | Pending:
    """Write the request; up to the environment variable ``LIMIT`` it is approved at once, above it a person is asked.

    Rejected when it costs more than may be approved.
    """
    cents = count(wanted(command, "trip").get("cents"), "trip.cents", most=10**9)
    if cents > MAX_CENTS:
        raise Rejected(f"a trip of {cents:,} cents: the most that may be approved is {MAX_CENTS:,}")
    asked = {"customer": text(command.input.get("customer"), "customer"), "cents": cents}
    row = {**_request(command), "saga": command.saga_id, **asked}
    writes.put(variable("TABLE"), row, condition="attribute_not_exists(pk)")
    known = {"request": command.idempotency_key, "cents": cents}
    return {**known, "by": "the rules"} if cents <= int(variable("LIMIT")) else Pending(known)


@ask_approval.compensation
def withdraw_request(command: Command, writes: Writes) -> None:
    """Delete the request, whatever was said to it."""
    writes.delete(variable("TABLE"), _request(command), condition="saga = :saga", values={":saga": command.saga_id})


def _request(command: Command) -> dict[str, str]:
    return {"pk": f"REQUEST#{command.idempotency_key}"}


handler = approvals.handler
