"""A task that waits for its token fails with its function's error; each attempt has a token, and each token one answer.

MiniStack swallows the error of a function called with `lambda:invoke.waitForTaskToken` and goes on waiting, gives all
attempts of a state one token, and lets a second answer replace the first. On AWS the function's error is the task's,
as with any call, unless the token was answered before; `$states.context.Task.Token` is another one at each attempt; and
an answered token is refused, as `TaskTimedOut`, where MiniStack says `TaskDoesNotExist`.
https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token
"""

import importlib

from emulator.server.rewriting import rewrite

_SWALLOW = """\
        try:
            _call_lambda(func_ref, lambda_payload)
        except _ExecutionError:
            pass
"""
_FAIL_UNLESS_ANSWERED = """\
        try:
            _call_lambda(func_ref, lambda_payload)
        except _ExecutionError:
            if not evt.is_set():
                _task_tokens.pop(token, None)
                raise
"""

_ONCE = """\
    if is_callback:
        ctx["Task"] = {"Token": new_uuid()}

"""
_ATTEMPT = """\
        ctx["State"]["RetryCount"] = sum(retry_counts.values())
"""
_AT_EACH_ATTEMPT = f"""\
{_ATTEMPT}\
        if is_callback:
            ctx["Task"] = {{"Token": new_uuid()}}
"""

_UNKNOWN = """\
    if not info:
"""
_UNKNOWN_OR_ANSWERED = """\
    if not info or info["event"].is_set():
"""


def apply() -> None:
    """Patch the attempts of a task, the wait for its token and the answers to it."""
    service = importlib.import_module("ministack.services.stepfunctions")
    rewrite(service._invoke_with_callback, {_SWALLOW: _FAIL_UNLESS_ANSWERED})
    rewrite(service._execute_task, {_ONCE: "", _ATTEMPT: _AT_EACH_ATTEMPT})
    for answer in (service._send_task_success, service._send_task_failure):
        rewrite(answer, {_UNKNOWN: _UNKNOWN_OR_ANSWERED})
