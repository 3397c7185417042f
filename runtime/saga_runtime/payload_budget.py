"""Whether a saga can still carry what an action returns.

A saga grows by every result until it no longer fits what AWS passes on. That must show before an effect, not when the
next task cannot be called any more: an action whose result has no room is rejected, and the saga goes back with the
reserve that is kept for that way.
"""

from typing import Final

from saga_runtime.command import Command
from saga_runtime.values import FAILURE_BUDGET, MAX_FORWARD_SIZE, SMALLER, Refuse, size_of

MIN_RESULT_BUDGET: Final = 8_192
"""Bytes that must be left for the result of an external effect before it is begun; it may use more if there is more."""


def check_payload_budget(command: Command, needed: int, what: str, refuse: Refuse) -> None:
    """Check that the saga can carry ``needed`` more bytes on behalf of ``command``.

    Members of a group do not see each other's results, so each may use an equal share of what is left before them.

    Args:
        command: the action.
        needed: bytes of JSON.
        what: needs them, as the error should say it.
        refuse: makes the error from a text.

    Raises:
        Exception: made by ``refuse``: there is less room.
    """
    members = {command.step, *command.fences, *(command.join.steps if command.join else ())}
    before = {step: result for step, result in command.results.items() if step not in members}
    carried = command.size if len(before) == len(command.results) else size_of({**command.saga, "results": before})
    # Past the pivot there is no compensation to keep a reserve for.
    most = MAX_FORWARD_SIZE + (FAILURE_BUDGET if command.after_pivot else 0)
    room = (most - carried) // len(members)
    if needed > room:
        shared = f", shared by {len(members)} steps at the same time," if len(members) > 1 else ""
        raise refuse(
            f"{what} needs {needed:,} bytes, and there is room for {max(0, room):,}: input and results of a saga"
            f"{shared} come to {most:,} at most; {SMALLER}"
        )
