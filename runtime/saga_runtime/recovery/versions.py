"""The versions of a saga's definition that recovery knows: the newest, and those whose sagas are still in flight."""

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
class KnownVersion:
    """What recovery knows of one version.

    Args:
        steps: the handlers of each of its steps, in order.
        last_compensable_step: the last step that can be undone; empty when none can.
        changed_trigger_events: the event that leads to a step's action, where that is not the success of the step
            before.
        continue_on_failure: whether compensation continues when a compensation keeps failing.
    """

    steps: Mapping[str, Sequence[str]]
    last_compensable_step: str = ""
    changed_trigger_events: Mapping[str, str] = field(default_factory=dict[str, str])
    continue_on_failure: bool = False

    @property
    def trigger_events(self) -> dict[str, str]:
        """Which event leads to each step's action."""
        usual = zip(self.steps, [STARTED, *(f"{step}.succeeded" for step in self.steps)], strict=False)
        return {**dict(usual), **self.changed_trigger_events}


def from_environment() -> dict[str, KnownVersion]:
    """By version, the newest first, as the constructs tell recovery in its function's environment."""
    newest = KnownVersion(
        steps=unpacked(variable("SAGA_STEPS")),
        last_compensable_step=os.environ.get("SAGA_LAST_COMPENSABLE_STEP", ""),
        changed_trigger_events=unpacked(os.environ.get("SAGA_TRIGGER_EVENTS", "{}")),
        continue_on_failure=os.environ.get("SAGA_ON_COMPENSATION_FAILURE") == "continue",
    )
    previous_versions = unpacked(os.environ.get("SAGA_PREVIOUS_VERSIONS", "{}"))
    return {
        variable("SAGA_VERSION"): newest,
        **{version: KnownVersion(**known) for version, known in previous_versions.items()},
    }


def unpacked(text: str) -> Json:
    """JSON, which the construct compresses when it is long: a function's environment has 4 KB."""
    return json.loads(text if text.startswith("{") else zlib.decompress(base64.b64decode(text)))
