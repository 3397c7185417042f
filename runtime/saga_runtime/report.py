"""What became of a command."""

from dataclasses import dataclass
from typing import Any

from saga_runtime.errors import Rejected


@dataclass(frozen=True)
class Report:
    """What became of a command.

    Attributes:
        outcome: ``succeeded``, ``rejected`` or ``compensated``.
        saga: the travelling half as it is now.
        rejection: why, when it was rejected.
    """

    outcome: str
    saga: dict[str, Any]
    rejection: Rejected | None = None
