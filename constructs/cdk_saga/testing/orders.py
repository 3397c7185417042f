"""What people tell a saga."""

from dataclasses import dataclass
from typing import Any, Literal

Json = dict[str, Any]


@dataclass(frozen=True)
class Order:
    """What an operator, or a customer, tells a saga.

    Args:
        order: ``cancel``, ``resume`` or ``forgive``.
        after: seconds after the start.
        step: the step to forgive.
        reason: why it is forgiven.
    """

    order: Literal["cancel", "resume", "forgive"]
    after: float
    step: str = ""
    reason: str = ""

    @property
    def payload(self) -> Json:
        """As the relay gets it."""
        return {"order": self.order, "step": self.step, "reason": self.reason}
