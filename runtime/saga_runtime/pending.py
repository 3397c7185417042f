"""An action's result that comes later by a callback, from a person or a webhook."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Pending:
    """Returned by the action of a step with ``waits``: it has asked, and the answer comes later.

    The caller that knows it calls :func:`saga_runtime.client.complete` or :func:`saga_runtime.client.reject` with
    ``command.idempotency_key``. Until then the saga waits; when the step's time is over, its outcome is unknown. What
    the action has written stays, and is undone by the step's compensation, also when the answer is no.

    Args:
        details: what is known already, plain JSON: part of the step's result.
    """

    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
