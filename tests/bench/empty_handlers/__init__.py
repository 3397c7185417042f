"""A participant whose steps do nothing but be recorded."""

from saga_runtime import Command, Participant, Writes

nothing = Participant("nothing")


@nothing.action
def do(command: Command, writes: Writes) -> dict[str, str]:
    """Say that it was done."""
    del writes
    return {"did": command.step}


@do.compensation
def undo(command: Command, writes: Writes) -> None:
    """Have nothing to undo but the record."""
    del command, writes


handler = nothing.handler
