"""A participant of every version: each step's effect is one row that says what came before, one step is held."""

from saga_runtime import Command, Participant, Pending, Rejected, Writes
from saga_runtime.services import variable

toy = Participant("toy")


@toy.action
def act(command: Command, writes: Writes) -> dict[str, str]:
    """Leave a row, unless the input says otherwise."""
    if command.step in command.input.get("rejected", ()):
        raise Rejected(f"no {command.step}")
    _leave_row(command, writes)
    return {"did": command.step}


@toy.action
def ask(command: Command, writes: Writes) -> Pending:
    """Leave a row, and wait for somebody to say that the saga may go on."""
    _leave_row(command, writes)
    return Pending()


@act.compensation
def undo(command: Command, writes: Writes) -> None:
    """Take the row away, whichever of the two has left it."""
    writes.delete(variable("TABLE"), {"pk": command.idempotency_key}, condition="attribute_exists(pk)")


def _leave_row(command: Command, writes: Writes) -> None:
    row = {"pk": command.idempotency_key, "after": ",".join(sorted(command.results))}
    writes.put(variable("TABLE"), row, condition="attribute_not_exists(pk)")


handler = toy.handler
