"""The participant of the rollout: each step's effect is one row that names the release which wrote it."""

import time

from toy.release import RELEASE

from saga_runtime import Command, Participant, Pending, Rejected, Writes
from saga_runtime.services import variable

toy = Participant("toy")


@toy.action
def act(command: Command, writes: Writes) -> dict[str, str]:
    """Write a row, slowly, or be rejected or fail, as the input says."""
    time.sleep(float(command.input.get("seconds", 0)))
    if command.step == command.input.get("rejects"):
        raise Rejected(f"{command.step} is not possible")
    if command.step == command.input.get("fails"):
        raise OSError(f"{command.step} is down")
    _write_row(command, writes)
    return {"release": RELEASE}


@toy.action
def ask(command: Command, writes: Writes) -> Pending | dict[str, str]:
    """Write a row and, if the input says so, wait for an answer."""
    _write_row(command, writes)
    return Pending() if command.input.get("waits") else {"release": RELEASE}


@act.compensation
def undo(command: Command, writes: Writes) -> None:
    """Delete the row, whichever of the two actions wrote it."""
    writes.delete(variable("TABLE"), {"pk": command.idempotency_key}, condition="attribute_exists(pk)")


def _write_row(command: Command, writes: Writes) -> None:
    row = {"pk": command.idempotency_key, "release": RELEASE}
    writes.put(variable("TABLE"), row, condition="attribute_not_exists(pk)")


handler = toy.handler
