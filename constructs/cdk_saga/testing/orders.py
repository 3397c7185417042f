"""What people tell a saga."""

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]


@dataclass(frozen=True)
class Order:
    """What an operator, or a customer, tells a saga.

    Args:
        order: ``cancel``, ``resume``, ``forgive`` or ``replay``; ``complete`` or ``reject``, to a step that waits;
            ``redrive``, to every dead letter that is there then.
        after: seconds after the start.
        step: the step to forgive, or that waits.
        reason: why it is forgiven or rejected.
        result: of the step that waits.
    """

    order: Literal["cancel", "resume", "forgive", "replay", "redrive", "complete", "reject"]
    after: float
    step: str = ""
    reason: str = ""
    result: Json = field(default_factory=dict[str, Any])

    @property
    def payload(self) -> Json:
        """As the relay gets it; empty for ``redrive``, which becomes an order for each letter."""
        if self.order == "redrive":
            return {}
        return {"order": self.order, "step": self.step, "reason": self.reason, "result": self.result}
