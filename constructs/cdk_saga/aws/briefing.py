"""What the relay is told of its saga: environment variables, which are few bytes for a long saga."""

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


def briefing(plan: Plan, draining: Sequence[Plan] = ()) -> dict[str, str]:
    """The variables of the relay that follow from the plan, and from those of earlier versions.

    Raises:
        WiringError: they would not fit into a function's environment.
    """
    variables = {
        "SAGA_NAME": plan.saga,
        "SAGA_VERSION": plan.version,
        "SAGA_STEPS": packed(plan.handlers),
        "SAGA_TURN": plan.turn or "",
        **({"SAGA_FORWARD": packed(plan.openings)} if plan.openings else {}),
        **({"SAGA_WHEN_STUCK": "continue"} if plan.goes_on else {}),
        **({"SAGA_DRAINING": packed({old.version: _told(old) for old in draining})} if draining else {}),
    }
    size = FOR_NAMES + sum(len(name) + len(value) for name, value in variables.items())
    cure = "choose shorter or more regular names of steps and handlers, or make two sagas of it"
    if draining:
        cure = f"wait with this version until one of the {len(draining)} in draining is drained, or {cure}"
    ENVIRONMENT.check(size, f"saga {plan.saga!r}, the relay's variables", cure, WiringError)
    return variables


def _told(plan: Plan) -> dict[str, object]:
    known = {"turn": plan.turn, "forward": plan.openings, "goes_on": plan.goes_on}
    return {"steps": plan.handlers, **{name: value for name, value in known.items() if value}}


def packed(value: Mapping[str, object]) -> str:
    """``value`` as JSON; a long one compressed, and then in base 64."""
    text = json.dumps(value, separators=(",", ":"))
    return text if len(text) <= READABLE else base64.b64encode(zlib.compress(text.encode(), 9)).decode()
