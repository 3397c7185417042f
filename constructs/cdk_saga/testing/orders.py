"""What people tell a saga."""

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]


@dataclass(frozen=True)
class Order:
    """What an operator, or a customer, tells a saga.

    Args:
        order: ``cancel``, ``resume`` or ``forgive``; ``complete`` or ``reject``, to a step that waits.
        after: seconds after the start.
        step: the step to forgive, or that waits.
        reason: why it is forgiven or rejected.
        result: of the step that waits.
    """

    order: Literal["cancel", "resume", "forgive", "complete", "reject"]
    after: float
    step: str = ""
    reason: str = ""
    result: Json = field(default_factory=dict[str, Any])

    @property
    def payload(self) -> Json:
        """As the relay gets it."""
        return {"order": self.order, "step": self.step, "reason": self.reason, "result": self.result}
