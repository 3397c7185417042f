"""The words of a failure, out of what Lambda and Step Functions wrap around them."""

import json

import pytest

from saga_runtime.error_text import error_text

SAID = 'no "room"\nleft: \u00e9'
LAMBDA = json.dumps({"errorMessage": SAID, "errorType": "E", "requestId": "1", "stackTrace": ["File x"] * 50})
EXIT = '{"errorType": "Runtime.ExitError", "errorMessage": "exit status 1"}'


def failure(cause: str) -> str:
    """As a state machine ends with it."""
    return json.dumps({"step": "card", "outcome": "unknown", "Error": "E", "Cause": cause})


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (LAMBDA, SAID),
        (LAMBDA[:100], SAID),
        (LAMBDA[:21], "no "),
        ('{"errorMessage": "caf\\u00', "caf\\u00"),
        (EXIT, "exit status 1"),
        (failure(LAMBDA), f"card: unknown: E: {SAID}"),
        (failure(LAMBDA[:100]), f"card: unknown: E: {SAID}"),
        ("silent", "silent"),
        ("", ""),
        ("{no json", "{no json"),
        ('{"other": 1}', '{"other": 1}'),
        ('{"errorMessage": 5}', '{"errorMessage": 5}'),
    ],
)
def test_a_cause_is_its_message(cause: str, words: str) -> None:
    assert error_text(cause) == words
