"""What Step Functions says of a failure, in words for people: Lambda wraps an error's message, and saga wraps that."""

import json
import re
from typing import Any, Final, cast

MESSAGE: Final = re.compile(r'"errorMessage": ?"((?:[^"\\]|\\.)*)')
"""In a document that was cut off, as the state machine does with long ones: its stack trace comes last."""


def error_text(cause: str) -> str:
    """The message in ``cause``.

    Args:
        cause: of a task or an execution: ``{"errorMessage": …, "errorType": …, "stackTrace": […]}`` of a function,
            the failure of a saga as its state machine ends with it, or any other text, which stays as it is.
    """
    if not cause.startswith("{"):
        return cause
    try:
        document = json.loads(cause)
    except ValueError:
        return _cut_off(cause)
    known = cast(dict[str, Any], document)
    if isinstance(message := known.get("errorMessage"), str):
        return message
    if isinstance(known.get("Error"), str) and isinstance(inner := known.get("Cause"), str):
        return f"{known.get('step')}: {known.get('outcome')}: {known['Error']}: {error_text(inner)}"
    return cause


def _cut_off(cause: str) -> str:
    found = MESSAGE.search(cause)
    if found is None:
        return cause
    try:
        return json.loads(f'"{found[1]}"')
    except ValueError:  # within an escape
        return found[1]
