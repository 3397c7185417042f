"""The versions of a saga's definition that its relay knows: the newest, and those whose sagas are still in flight."""

import base64
import json
import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from saga_runtime.admission import STARTED
from saga_runtime.services import variable

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the relay knows of one version.

    Args:
        steps: the handlers of each of its steps, in order.
        turn: the last step that can be undone; empty when none can.
        forward: the event that leads to a step's action, where that is not the success of the step before.
        goes_on: whether the way back goes on when a compensation keeps failing.
    """

    steps: Mapping[str, Sequence[str]]
    turn: str = ""
    forward: Mapping[str, str] = field(default_factory=dict[str, str])
    goes_on: bool = False

    @property
    def forward_events(self) -> dict[str, str]:
        """Which event leads to each step's action."""
        usual = zip(self.steps, [STARTED, *(f"{step}.succeeded" for step in self.steps)], strict=False)
        return {**dict(usual), **self.forward}


def from_environment() -> dict[str, Known]:
    """By version, the newest first, as the constructs tell the relay in its function's environment."""
    newest = Known(
        steps=unpacked(variable("SAGA_STEPS")),
        turn=os.environ.get("SAGA_TURN", ""),
        forward=unpacked(os.environ.get("SAGA_FORWARD", "{}")),
        goes_on=os.environ.get("SAGA_WHEN_STUCK") == "continue",
    )
    draining = unpacked(os.environ.get("SAGA_DRAINING", "{}"))
    return {variable("SAGA_VERSION"): newest, **{version: Known(**known) for version, known in draining.items()}}


def unpacked(text: str) -> Json:
    """JSON, which the construct compresses when it is long: a function's environment has 4 KB."""
    return json.loads(text if text.startswith("{") else zlib.decompress(base64.b64decode(text)))
