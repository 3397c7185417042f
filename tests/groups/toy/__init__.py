"""A participant for any saga: each step's effect is one row, and the input says who fails."""

from saga_runtime import Command, Participant, Rejected, Writes
from saga_runtime.services import variable

toy = Participant("toy")


@toy.action
def act(command: Command, writes: Writes) -> dict[str, str]:
    """Leave a row, unless the input says otherwise."""
    if command.step in command.input.get("rejected", ()):
        raise Rejected(f"no {command.step}")
    if command.step in command.input.get("broken", ()):
        raise RuntimeError(f"{command.step} is broken")
    writes.put(variable("TABLE"), {"pk": command.idempotency_key}, condition="attribute_not_exists(pk)")
    return {"did": command.step, "knew": ",".join(sorted(command.results))}


@act.compensation
def undo(command: Command, writes: Writes) -> None:
    """Take the row away."""
    writes.delete(variable("TABLE"), {"pk": command.idempotency_key}, condition="attribute_exists(pk)")


handler = toy.handler
