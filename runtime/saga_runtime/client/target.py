"""Where a saga is deployed: all that a client needs to know of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where sagas of one definition are started: the construct's ``client_output``.

    Args:
        name: the saga's name.
        version: the definition's fingerprint.
        style: ``orchestrated`` or ``choreographed``.
        where: the state machine's ARN, or the bus's name.
        recovery: the name of the saga's recovery function, which performs operations.
        deadline: seconds from the start until no action begins any more; ``None`` for no deadline.
        ledger: the name of the ledger's table.
        dead_letters: the URL of the saga's dead-letter queue.
        steps: its steps in order, and whether compensation has anything to do at each.
        callback_steps: those that may wait for a callback.
    """

    name: str
    version: str
    style: str
    where: str
    recovery: str = ""
    deadline: int | None = None
    ledger: str = ""
    dead_letters: str = ""
    steps: Mapping[str, bool] = field(default_factory=dict[str, bool])
    callback_steps: Sequence[str] = ()
