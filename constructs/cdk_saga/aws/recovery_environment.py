"""What recovery is told of its saga: environment variables, which are few bytes for a long saga."""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Final

from cdk_saga.aws.errors import WiringError
from cdk_saga.limits import ENVIRONMENT
from cdk_saga.plan import Plan

FOR_NAMES: Final = 1_024
"""Bytes kept for variables whose values are only known when deployed: names, URLs and ARNs."""
READABLE: Final = 1_024
"""Bytes up to which a variable stays as people read it in a template; a longer one is packed."""


def recovery_environment(plan: Plan, previous_versions: Sequence[Plan] = ()) -> dict[str, str]:
    """The variables of recovery that follow from the plan, and from those of earlier versions.

    Raises:
        WiringError: they would not fit into a function's environment.
    """
    variables = {
        "SAGA_NAME": plan.saga,
        "SAGA_VERSION": plan.version,
        "SAGA_STEPS": packed(plan.handlers),
        "SAGA_LAST_COMPENSABLE_STEP": plan.last_compensable_step or "",
        **({"SAGA_TRIGGER_EVENTS": packed(plan.trigger_events)} if plan.trigger_events else {}),
        **({"SAGA_ON_COMPENSATION_FAILURE": "continue"} if plan.continue_on_failure else {}),
        **(
            {"SAGA_PREVIOUS_VERSIONS": packed({old.version: _version_fields(old) for old in previous_versions})}
            if previous_versions
            else {}
        ),
    }
    size = FOR_NAMES + sum(len(name) + len(value) for name, value in variables.items())
    cure = "choose shorter or more regular names of steps and handlers, or make two sagas of it"
    if previous_versions:
        wait = f"wait with this version until one of the {len(previous_versions)} in previous_versions has no saga left"
        cure = f"{wait}, or {cure}"
    ENVIRONMENT.check(size, f"saga {plan.saga!r}, recovery's variables", cure, WiringError)
    return variables


def _version_fields(plan: Plan) -> dict[str, object]:
    known = {
        "last_compensable_step": plan.last_compensable_step,
        "changed_trigger_events": plan.trigger_events,
        "continue_on_failure": plan.continue_on_failure,
    }
    return {"steps": plan.handlers, **{name: value for name, value in known.items() if value}}


def packed(value: Mapping[str, object]) -> str:
    """``value`` as JSON; a long one compressed, and then in base 64."""
    text = json.dumps(value, separators=(",", ":"))
    return text if len(text) <= READABLE else base64.b64encode(zlib.compress(text.encode(), 9)).decode()
