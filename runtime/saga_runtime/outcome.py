"""What became of a command."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from saga_runtime.errors import Rejected
from saga_runtime.ledger.store import Written


@dataclass(frozen=True)
class Outcome:
    """What became of a command.

    Attributes:
        outcome: ``succeeded``, ``rejected``, ``compensated``, ``stuck`` where compensation continues all the same, or
            ``passed`` on the way to where it goes on; ``pending`` until a callback comes.
        saga: the saga state as it is now.
        rejection: why, when it was rejected.
        seconds: until the time of a pending one is over.
        again: whether the engine has delivered the command before, or recovery repeats it: the delivery that ended the
            saga may have died before it could publish that.
        written: what this delivery has itself changed in the ledger; nothing when it only repeats.
    """

    outcome: str
    saga: dict[str, Any]
    rejection: Rejected | None = None
    seconds: float = 0.0
    again: bool = True
    written: Written = field(default_factory=Written, compare=False)

    def ending(self, ends: Mapping[str, str]) -> str | None:
        """The ending that it means, if it means one.

        Args:
            ends: which outcomes do; with steps given up, nothing is COMPENSATED.
        """
        ending = ends.get("compensated" if self.outcome == "stuck" else self.outcome)
        failure: dict[str, Any] = self.saga.get("failure") or {}
        return "STUCK" if ending == "COMPENSATED" and failure.get("stuck") else ending
