"""What people tell a saga."""

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]


@dataclass(frozen=True)
class ControlOperation:
    """What an operator, or a customer, tells a saga.

    Args:
        operation: ``cancel``, ``resume``, ``skip`` or ``replay``; ``complete`` or ``reject``, to a step that waits;
            ``redrive``, to every dead letter that is there then.
        after: seconds after the start.
        step: the step to skip, or that waits.
        reason: why it is skipped or rejected.
        result: of the step that waits.
    """

    operation: Literal["cancel", "resume", "skip", "retry", "redrive", "complete", "reject"]
    after: float
    step: str = ""
    reason: str = ""
    result: Json = field(default_factory=dict[str, Any])

    @property
    def payload(self) -> Json:
        """As recovery gets it; empty for ``redrive``, which becomes an operation for each dead letter."""
        if self.operation == "redrive":
            return {}
        return {"operation": self.operation, "step": self.step, "reason": self.reason, "result": self.result}
