"""A plan as an Amazon States Language definition (JSONata): a state for each task, and one failing end."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cdk_saga.definition import Retry
from cdk_saga.plan import Ending, Group, Join, Operation, Outcome, Plan, Target, Task, TaskId
from cdk_saga.render.bounds import checked_task, machine_within_limits
from cdk_saga.render.graph import checked
from cdk_saga.render.patience import PATIENCE
from cdk_saga.render.shared_text import ATTEMPT, ERROR, START

Json = dict[str, Any]

MERGED_RESULTS: Final = "{%$merge([$states.result[0],{'results':$merge($states.result.results)}])%}"
"""Each branch of a group ends with the saga as that branch knows it; together they know all results."""
SAGA: Final = "{%$states.input%}"
BEGINS: Final = f"{{%$merge([$states.input,{{{START}}}])%}}"
"""The saga where an execution begins: the caller wrote its input, only Step Functions knows its name and time."""
MERGED_FAILURE: Final = "{%$merge([$states.input,{'failure':$merge($states.result.failure)}])%}"
MERGED_FAILED_COMPENSATIONS: Final = (
    "{%$merge([$states.input,{'failure':$merge([$states.result.failure,"
    "{'stuck':[$distinct($states.result.failure.stuck)]}])}])%}"
)
"""As above, where branches may have left steps behind: each knows its own."""
WHY: Final = "{%$string($states.input.failure)%}"
"""The failure as JSON, for recovery."""
NOT_RETRIED: Final = ("Rejected", "BadCommand", "BadResult")
"""Errors of the runtime that another attempt cannot change. Each task has more, see :func:`_not_retried`."""
BUSY: Final = (
    "Busy",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
)
"""A conflict, a throttle, an outage of the service: not the step's fault, so worth patience."""
LEASED: Final = "Leased"
"""Another delivery is in progress: its lease is shorter than the task's time-out, so it is waited for once."""
WAIT: Final = "0wait"
"""The substitution key of the integration that waits for a token; no participant's name begins with a digit."""
TOKEN: Final = "{%$states.context.Task.Token%}"  # noqa: S105 # where it is, not what
LANGUAGE_DEFAULTS: Final = {"IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2.0}


def state_machine(plan: Plan, *, timeouts: Mapping[str, int]) -> Json:
    """Render ``plan`` as a state machine whose happy path of *n* steps is *n* transitions.

    Each task's ``Resource`` is ``${participant}``: a key of CloudFormation's ``DefinitionSubstitutions`` (see
    :func:`placeholder`), so that the definition in a template is constant text. A group is a ``Parallel`` state.

    Args:
        plan: the compiled saga.
        timeouts: seconds a task of each participant may take; above the function's own time-out, or the
            machine would give up on a function that is still at work.

    Raises:
        DefinitionError: it exceeds a limit of Step Functions.
    """
    tasks = {task.id: _task(plan, task, timeouts[task.participant]) for task in plan.tasks}
    alone = {_name(task.id): tasks[task.id] for task in plan.tasks if task.group is None}
    groups = {_name(group.id): _parallel(plan, group, tasks) for group in plan.groups}
    failing_end = {"Type": "Fail", "Error": Ending.COMPENSATED, "Cause": WHY}
    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": _name(plan.start),
        "States": {**alone, **groups, Ending.COMPENSATED.value: failing_end},
    }
    return machine_within_limits(checked(definition), plan.saga)


def placeholder(participant: str) -> str:
    """The substitution key of a participant: letters and digits only, a rule of CloudFormation."""
    return "".join(c if c.isalnum() else f"x{ord(c):x}" for c in participant)


def _task(plan: Plan, task: Task, timeout: int) -> Json:
    payload = plan.payload(task)
    checked_task(plan, task, json.dumps(payload))
    arguments: Json = {"task": payload, "saga": BEGINS if task.first else SAGA, "attempt": ATTEMPT}
    function = f"${{{placeholder(task.participant)}}}"
    call: Json = {"Resource": function, "Arguments": arguments, "TimeoutSeconds": timeout}
    if task.callback_timeout is not None:
        called = {"FunctionName": function, "Payload": {**arguments, "token": TOKEN}}
        call = {"Resource": f"${{{WAIT}}}", "Arguments": called, "TimeoutSeconds": timeout + task.callback_timeout}
    state: Json = {"Type": "Task", **call}
    done = Outcome.SUCCEEDED if task.id.operation is Operation.ACTION else Outcome.COMPENSATED
    # A member's failure is its group's: it ends the other branches too.
    catches = _catches(task.id.step, task.on, begins=task.first) if task.group is None else {}
    if task.id.operation is Operation.COMPENSATION:
        catches = _continue_on_failure(task)
    return {**state, "Retry": _retriers(task, timeout), **catches, **_next(task.on[done])}


def _parallel(plan: Plan, group: Group, tasks: Mapping[TaskId, Json]) -> Json:
    state: Json = {"Type": "Parallel", "Branches": [_branch(branch, tasks) for branch in group.branches]}
    if group.id.operation is Operation.COMPENSATION:
        output = MERGED_FAILED_COMPENSATIONS if Outcome.STUCK in group.on else MERGED_FAILURE
        return {**state, "Output": output, **_next(group.on[Outcome.COMPENSATED])}
    catches = _catches(group.id.group, group.on, begins=plan.start == group.id)
    return {**state, "Output": MERGED_RESULTS, **catches, **_next(group.on[Outcome.SUCCEEDED])}


def _branch(branch: Sequence[TaskId], tasks: Mapping[TaskId, Json]) -> Json:
    states = {_name(id): tasks[id] for id in branch}
    last = _end_of(branch[-1].step)
    if any(catch["Next"] == last for state in states.values() for catch in state.get("Catch", ())):
        states[last] = {"Type": "Succeed"}
    return {"StartAt": _name(branch[0]), "States": states}


def _next(target: Target) -> Json:
    return {"End": True} if target is Ending.COMPLETED or isinstance(target, Join) else {"Next": _name(target)}


def _retriers(task: Task, timeout: int) -> list[Json]:
    never = {"ErrorEquals": _not_retried(task), "MaxAttempts": 0}
    # No callback reached the machine: the ledger may know an answer whose sender crashed, or that there is time left.
    look = [] if task.callback_timeout is None else [{"ErrorEquals": ["States.Timeout"], "MaxAttempts": 1}]
    leased = {"ErrorEquals": [LEASED], "IntervalSeconds": timeout, "BackoffRate": 1}
    return [never, *look, leased, _retrier(BUSY, PATIENCE), _retrier(("States.ALL",), task.retry)]


def _not_retried(task: Task) -> list[str]:
    """The errors that this task can meet and another attempt cannot change; each name is there twice a step."""
    if task.id.operation is Operation.COMPENSATION:
        return [*NOT_RETRIED, "InputMismatch", "PastPivot"]
    # The first action finds out whether the id belongs to another saga; after it that cannot happen.
    others = ["InputMismatch"] if task.first else []
    late_no = ["RejectedPastPivot"] if task.after_pivot else []
    in_vain = [] if task.callback_timeout is None else ["CallbackTimedOut"]
    return [*NOT_RETRIED, "SagaFenced", *others, *late_no, *in_vain]


def _retrier(errors: tuple[str, ...], retry: Retry) -> Json:
    """A retrier; what equals the language's own default is left out, for the reviewer's sake."""
    fields = {"IntervalSeconds": retry.interval, "MaxAttempts": retry.max_attempts, "BackoffRate": retry.backoff_rate}
    told = {name: value for name, value in fields.items() if value != LANGUAGE_DEFAULTS[name]}
    cap = {"MaxDelaySeconds": retry.max_delay} if retry.longest_wait(retry.max_attempts) == retry.max_delay else {}
    return {"ErrorEquals": list(errors), **told, **cap, "JitterStrategy": "FULL"}


def _catches(step: str, on: Mapping[Outcome, Target], *, begins: bool) -> Json:
    """Where a failure leads; where an execution ``begins``, its compensation gets the saga as the caller wrote it.

    Nowhere after the pivot: the execution then fails at this very state, and a redrive goes on exactly there.
    """
    caught = {"Rejected": Outcome.REJECTED, "States.ALL": Outcome.UNKNOWN}
    led = {error: outcome for error, outcome in caught.items() if on.get(outcome, Ending.STUCK) is not Ending.STUCK}
    start = f"{START}," if begins else ""
    catches = [_catch(step, error, outcome, on[outcome], start) for error, outcome in led.items()]
    return {"Catch": catches} if catches else {}


def _continue_on_failure(task: Task) -> Json:
    """Where a compensation that keeps failing leads: to the next one, if the saga goes on all the same.

    Else nowhere: the execution fails at this very state, and a redrive goes on exactly there.
    """
    target = task.on[Outcome.STUCK]
    if target is Ending.STUCK:
        return {}
    stuck = f"{{'stuck':[$states.input.failure.stuck,'{task.id.step}']}}"
    catch = {
        "ErrorEquals": ["States.ALL"],
        "Output": f"{{%$merge([$states.input,{{'failure':$merge([$states.input.failure,{stuck}])}}])%}}",
        "Next": _end_of(task.id.step) if isinstance(target, Join) else _name(target),
    }
    return {"Catch": [catch]}


def _end_of(step: str) -> str:
    """The end of a branch whose last compensation is given up: a catch has to lead somewhere."""
    return f"{step}.stuck"


def _catch(step: str, error: str, outcome: Outcome, target: Target, start: str) -> Json:
    known = f"'step':'{step}','outcome':'{outcome}',{ERROR}"
    return {
        "ErrorEquals": [error],
        "Output": f"{{%$merge([$states.input,{{{start}'failure':$states.errorOutput.{{{known}}}}}])%}}",
        "Next": _name(target),
    }


def _name(target: Target) -> str:
    """The state's name: the step's or group's, during compensation with a suffix; an ending's is its own."""
    if isinstance(target, Ending):
        return target.value
    name = target.step if isinstance(target, TaskId) else target.group
    return name if target.operation is Operation.ACTION else f"{name}.{target.operation}"
