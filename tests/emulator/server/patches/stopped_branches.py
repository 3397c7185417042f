"""A failing branch of a `Parallel` state stops the others; a stopped task's token takes no answer any more.

MiniStack waits until every branch has ended by itself before it fails the state: next to a task that waits for its
token that may be a day. On AWS all branches are stopped as soon as one fails, and only the Lambda functions that were
invoked already run on (https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html, "Error handling").
The token of a closed task is refused with `TaskTimedOut`
(https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html, "Errors"); MiniStack accepts
the answer to a task of a stopped execution.
"""

import contextvars
import importlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from emulator.server.rewriting import rewrite

POLL: Final = 0.01
"""Seconds between two looks at what has ended."""

_stopped: contextvars.ContextVar[Callable[[], bool]] = contextvars.ContextVar("stopped", default=lambda: False)
"""Whether the execution, or one of the branches, that the current thread works for was stopped."""
_execution: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("execution", default=None)


class BranchStopped(Exception):
    """The work of this thread was stopped: it ends, and unlike after an error nothing is retried or caught."""


def enter_execution(execution: dict[str, Any]) -> None:
    """Note for which execution the current thread works."""
    _execution.set(execution)
    _stopped.set(lambda: execution["status"] != "RUNNING")


def current_execution() -> dict[str, Any]:
    """The execution that the current thread works for; empty for none."""
    return _execution.get() or {}


def enter_branch(errors: Sequence[BaseException | None]) -> None:
    """Note for which branch the current thread works, by the errors of all branches of its state."""
    outer = _stopped.get()
    _stopped.set(lambda: any(errors) or outer())


def end_if_stopped() -> None:
    """Raise `BranchStopped` if the current thread's execution or branch was stopped."""
    if _stopped.get()():
        raise BranchStopped


def join_until_one_fails(threads: Sequence[threading.Thread], errors: Sequence[BaseException | None]) -> None:
    """Wait for the branches of a state: for all of them, or until one has failed."""
    while any(thread.is_alive() for thread in threads) and not any(errors):
        time.sleep(POLL)


def wait_for_answer(answered: threading.Event, timeout: float, token: str, tokens: dict[str, Any]) -> bool:
    """Wait for the answer to a token, and close the token if its task is stopped."""
    deadline = time.monotonic() + timeout
    while not answered.wait(POLL):
        try:
            end_if_stopped()
        except BranchStopped:
            tokens.pop(token, None)
            raise
        if time.monotonic() > deadline:
            return False
    return True


_EXECUTION = {
    """\
    try:
        definition = json.loads(sm["definition"])
""": """\
    _enter_execution(execution)
    try:
        definition = json.loads(sm["definition"])
""",
    """\
    except _ExecutionError as err:
        _fail_execution(execution, err.error, err.cause)
""": """\
    except _BranchStopped:
        pass
    except _ExecutionError as err:
        _fail_execution(execution, err.error, err.cause)
""",
}
_PARALLEL = {
    """\
    def run_branch(idx, branch):
        try:
""": """\
    def run_branch(idx, branch):
        _enter_branch(errors)
        try:
""",
    """\
        except Exception as exc:
            errors[idx] = exc
""": """\
        except _BranchStopped:
            pass
        except Exception as exc:
            errors[idx] = exc
""",
    """\
    for t in threads:
        t.join()
""": """\
    _join_until_one_fails(threads, errors)
    _end_if_stopped()
""",
}
_NEXT_STATE = {
    """\
    while current_name:
""": """\
    while current_name:
        _end_if_stopped()
""",
}
_ATTEMPT = {
    """\
        try:
            if query_language == "JSONata":
""": """\
        _end_if_stopped()
        try:
            if query_language == "JSONata":
""",
}
_CALLBACK = {
    """\
    if not evt.wait(timeout=timeout):
""": """\
    if not _wait_for_answer(evt, timeout, token, _task_tokens):
""",
}


def apply() -> None:
    """Patch Parallel states, the states of a branch, the attempts of a task and the wait for a token."""
    service = importlib.import_module("ministack.services.stepfunctions")
    stops = {"_end_if_stopped": end_if_stopped}
    ends = {"_BranchStopped": BranchStopped}
    rewrite(service._run_execution, _EXECUTION, {"_enter_execution": enter_execution, **ends})
    branches = {"_enter_branch": enter_branch, "_join_until_one_fails": join_until_one_fails}
    rewrite(service._run_parallel_branches, _PARALLEL, {**branches, **stops, **ends})
    rewrite(service._run_sub_machine, _NEXT_STATE, stops)
    rewrite(service._execute_task, _ATTEMPT, stops)
    rewrite(service._invoke_with_callback, _CALLBACK, {"_wait_for_answer": wait_for_answer})
