"""What every state says alike stands in a template once, as a substitution, like the functions it calls."""

import json
from collections.abc import Mapping
from typing import Any, Final

ATTEMPT: Final = "{%$states.context.State.RetryCount+1%}"
"""Counts from 1, as a queue does."""
ERROR: Final = "'Error':Error,'Cause':$substring(Cause,0,2000)"
"""An error's text may have 32,768 characters, more than a saga keeps in reserve for it."""
START: Final = "'start':$states.context.Execution.{'execution':Name,'at':StartTime}"
"""What no caller of ``StartExecution`` can write."""
SHARED: Final = {"0attempt": ATTEMPT, "0error": ERROR, "0start": START}
"""By substitution key; no participant's begins with a digit. No value holds a key: CloudFormation looks again."""


def with_shared_text(definition: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The text of a state machine for a template, and the ``DefinitionSubstitutions`` that make it whole.

    CloudFormation puts each value, as it stands, in place of its ``${key}`` until none is left (the public source of
    its provider for ``AWS::StepFunctions::StateMachine``): what Step Functions gets is ``definition`` itself.
    """
    text = json.dumps(definition, separators=(",", ":"))
    used = {key: shared for key, shared in SHARED.items() if shared in text}
    for key, shared in used.items():
        text = text.replace(shared, f"${{{key}}}")
    return text, used
