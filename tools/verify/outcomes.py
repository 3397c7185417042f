"""What can happen in each state of a machine, and where it has to lead by the plan; nothing here reads the machine."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cdk_saga.plan import Ending, Fork, Group, Join, Operation, Plan, Target, Task, TaskId
from cdk_saga.plan import Outcome as Led

Json = dict[str, Any]
REJECTED: Final = "Rejected"
BROKEN: Final = "SomethingBroke"
"""A class of error that no policy names."""
PATIENT: Final = ("Busy", "Leased", "Lambda.TooManyRequestsException")
"""Errors that are no attempt of the handler: always repeated at first."""
CAUSE: Final = '{"errorMessage": "said by the check", "errorType": "Error", "stackTrace": []}'.ljust(2500)
SAGA: Final[Json] = {
    "schema": "saga/1",
    "name": "verify",
    "version": "verify",
    "id": "verify",
    "input": {},
    "started": 0,
}
BEFORE: Final[Json] = {**SAGA, "results": {"earlier": {"n": [1]}}, "failure": None}
AFTER: Final[Json] = {**SAGA, "results": {"earlier": {"n": [1]}, "own": {"seats": 2}}, "failure": None}
FAILED: Final[Json] = {
    **BEFORE,
    "failure": {"step": "earlier", "outcome": "unknown", "Error": "Error", "Cause": "é", "stuck": ["earlier"]},
}


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What `TestState` has to answer.

    Args:
        status: of the test.
        next: the state that follows.
        error: with which it fails.
        output: the state's output.
    """

    status: str
    next: str | None = None
    error: str | None = None
    output: Json | None = None


@dataclass(frozen=True)
class Outcome:
    """Something that happens in a state.

    Args:
        told: in words.
        expected: what AWS has to answer.
        given: the state's input.
        result: what its function, or its branches, give.
        error: or with which error it fails.
        configuration: of the test: how often it was repeated already, or which state of a branch has failed.
    """

    told: str
    expected: Expected
    given: Json = field(default_factory=lambda: BEFORE)
    result: Any = None
    error: dict[str, str] = field(default_factory=dict[str, str])
    configuration: Json = field(default_factory=dict[str, Any])

    @property
    def mock(self) -> Json | None:
        """As `TestState` takes it; none for a state that calls nothing."""
        if self.error:
            return {"errorOutput": {"error": self.error["Error"], "cause": self.error["Cause"]}}
        return None if self.result is None else {"result": json.dumps(self.result), "fieldValidationMode": "NONE"}


def outcomes(plan: Plan) -> Iterator[tuple[str, Outcome]]:
    """Every state's name with everything that can happen in it."""
    for task in plan.tasks:
        yield from ((_name(task.id), outcome) for outcome in _of_task(task))
    for group in plan.groups:
        yield from ((_name(group.id), outcome) for outcome in _of_group(group))
    failed = Expected(status="FAILED", error=Ending.COMPENSATED)
    yield Ending.COMPENSATED, Outcome("entered", failed, given=FAILED)


def _of_task(task: Task) -> Iterator[Outcome]:
    action = task.id.operation is Operation.ACTION
    given, result = (BEFORE, AFTER) if action else (FAILED, FAILED)
    done = task.on[Led.SUCCEEDED if action else Led.COMPENSATED]
    through = Expected(status="SUCCEEDED", next=_following(done), output=result)
    yield Outcome("done", through, given, result=result)
    # A member that fails ends its whole group, which then leads on.
    on: Mapping[Led, Target] = {} if action and task.group else task.on
    if action:
        known = _failure(task.id.step, Led.REJECTED, REJECTED)
        yield _ended("rejected", on.get(Led.REJECTED), REJECTED, given, known)
    for error in PATIENT:
        yield Outcome(f"{error} at first", _again(error), given, error=_error(error), configuration=_repeated(0))
    for count in range(task.retry.max_attempts):
        told = f"broken, repeated {count} times before"
        yield Outcome(told, _again(BROKEN), given, error=_error(BROKEN), configuration=_repeated(count))
    exhausted = on.get(Led.UNKNOWN if action else Led.STUCK)
    known = _failure(task.id.step, Led.UNKNOWN, BROKEN) if action else _given_up(task.id.step)
    last = _ended("broken for good", exhausted, BROKEN, given, known, step=task.id.step)
    yield replace(last, configuration=_repeated(task.retry.max_attempts))


def _of_group(group: Group) -> Iterator[Outcome]:
    action = group.id.operation is Operation.ACTION
    given, result = (BEFORE, AFTER) if action else (FAILED, FAILED)
    done = group.on[Led.SUCCEEDED if action else Led.COMPENSATED]
    known = {**given, "results": AFTER["results"]} if action else FAILED
    through = Expected(status="SUCCEEDED", next=_following(done), output=known)
    yield Outcome("done", through, given, result=[result for _ in group.branches])
    errors = {REJECTED: Led.REJECTED, BROKEN: Led.UNKNOWN} if action else {BROKEN: Led.UNKNOWN}
    for task in (task for branch in group.branches for task in branch):
        for error, led in errors.items():
            target, known = group.on.get(led), _failure(group.id.group, led, error)
            ended = _ended(f"{error} in {_name(task)}", target, error, given, known)
            yield replace(ended, configuration={"errorCausedByState": _name(task)})


def _ended(told: str, target: Target | None, error: str, given: Json, failure: Json, *, step: str = "") -> Outcome:
    """An error that is not repeated: caught where the plan leads on, else the execution fails at this very state."""
    if target is None or target is Ending.STUCK:
        return Outcome(told, Expected(status="FAILED", error=error), given, error=_error(error))
    # A branch that leaves a compensation behind has an end for that.
    following = f"{step}.stuck" if isinstance(target, Join) else _name(target)
    output = {**given, "failure": failure}
    caught = Expected(status="CAUGHT_ERROR", next=following, error=error, output=output)
    return Outcome(told, caught, given, error=_error(error))


def _failure(step: str, outcome: Led, error: str) -> Json:
    """Why a saga compensates, as its events and its failing end tell."""
    return {"step": step, "outcome": outcome.value, "Error": error, "Cause": CAUSE[:2000]}


def _given_up(step: str) -> Json:
    """The same, when a compensation that keeps failing is given up."""
    known: Json = FAILED["failure"]
    return {**known, "stuck": [*known["stuck"], step]}


def _again(error: str) -> Expected:
    return Expected(status="RETRIABLE", error=error)


def _error(error: str) -> dict[str, str]:
    return {"Error": error, "Cause": CAUSE}


def _repeated(count: int) -> Json:
    return {"retrierRetryCount": count}


def _following(target: Target) -> str | None:
    """The state that follows a success: none after the last action, and none at the end of a branch."""
    return None if target is Ending.COMPLETED or isinstance(target, Join) else _name(target)


def _name(target: TaskId | Fork | Join | Ending) -> str:
    """A state's name: the step's or group's; during compensation with the operation behind it."""
    if isinstance(target, Ending):
        return target.value
    name = target.step if isinstance(target, TaskId) else target.group
    return name if target.operation is Operation.ACTION else f"{name}.{target.operation}"
