"""A plan as an Amazon States Language definition (JSONata): a state for each task, and one failing end."""

from collections.abc import Mapping
from typing import Any, Final

from cdk_saga.definition import Retry
from cdk_saga.plan import Ending, Operation, Outcome, Plan, Target, Task
from cdk_saga.render.graph import checked

Json = dict[str, Any]

ATTEMPT: Final = "{%$states.context.State.RetryCount+1%}"
NOT_RETRIED: Final = ("Rejected", "SagaFenced", "PastPivot", "InputMismatch", "BadCommand")
"""Errors of the runtime that another attempt cannot change."""
BUSY: Final = (
    "Busy",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
)
"""A running lease, a conflict, a throttle, an outage of the service: not the step's fault, so worth patience."""
PATIENCE: Final = Retry(attempts=9, cap=60)
"""The ladder for :data:`BUSY`."""
LANGUAGE_DEFAULTS: Final = {"IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2.0}


def state_machine(plan: Plan, *, timeouts: Mapping[str, int]) -> Json:
    """Render ``plan`` as a state machine whose happy path of *n* steps is *n* transitions.

    Each task's ``Resource`` is ``${participant}``: a key of CloudFormation's ``DefinitionSubstitutions`` (see
    :func:`placeholder`), so that the definition in a template is constant text.

    Args:
        plan: the compiled saga.
        timeouts: seconds a task of each participant may take; above the function's own time-out, or the
            machine would give up on a function that is still at work.
    """
    states = {_state_name(task): _task(task, timeouts[task.participant]) for task in plan.tasks}
    failing_end = {"Type": "Fail", "Error": Ending.COMPENSATED, "Cause": "{%$states.input.failure.Cause%}"}
    return checked(
        {
            "QueryLanguage": "JSONata",
            "StartAt": _state_name(plan.start),
            "States": {**states, Ending.COMPENSATED.value: failing_end},
        }
    )


def placeholder(participant: str) -> str:
    """The substitution key of a participant: letters and digits only, a rule of CloudFormation."""
    return "".join(c if c.isalnum() else f"x{ord(c):x}" for c in participant)


def _task(task: Task, timeout: int) -> Json:
    state: Json = {
        "Type": "Task",
        "Resource": f"${{{placeholder(task.participant)}}}",
        "Arguments": {"task": task.payload, "saga": "{%$states.input%}", "attempt": ATTEMPT},
        "TimeoutSeconds": timeout,
    }
    done = Outcome.SUCCEEDED if task.id.operation is Operation.ACTION else Outcome.COMPENSATED
    return {**state, "Retry": _ladders(task), **_catches(task), **_next(task.on[done])}


def _next(target: Target) -> Json:
    return {"End": True} if target is Ending.COMPLETED else {"Next": _target_name(target)}


def _ladders(task: Task) -> list[Json]:
    never = {"ErrorEquals": list(NOT_RETRIED), "MaxAttempts": 0}
    busy = [] if task.retry.is_as_patient_as(PATIENCE) else [_ladder(BUSY, PATIENCE)]
    return [never, *busy, _ladder(("States.ALL",), task.retry)]


def _ladder(errors: tuple[str, ...], retry: Retry) -> Json:
    """A retrier; what equals the language's own default is left out, for the reviewer's sake."""
    fields = {"IntervalSeconds": retry.interval, "MaxAttempts": retry.attempts, "BackoffRate": retry.backoff}
    told = {name: value for name, value in fields.items() if value != LANGUAGE_DEFAULTS[name]}
    cap = {"MaxDelaySeconds": retry.cap} if retry.longest_wait(retry.attempts) == retry.cap else {}
    return {"ErrorEquals": list(errors), **told, **cap, "JitterStrategy": "FULL"}


def _catches(task: Task) -> Json:
    """Where a failure leads.

    Nowhere from a compensation, nor after the pivot: the execution then fails at this very state, and a redrive goes on
    exactly there.
    """
    caught = {"Rejected": Outcome.REJECTED, "States.ALL": Outcome.UNKNOWN}
    led = [_catch(task, error, outcome) for error, outcome in caught.items() if _leads_on(task, outcome)]
    return {"Catch": led} if led else {}


def _leads_on(task: Task, outcome: Outcome) -> bool:
    return task.on.get(outcome, Ending.STUCK) is not Ending.STUCK


def _catch(task: Task, error: str, outcome: Outcome) -> Json:
    known = f"{{'step':'{task.id.step}','outcome':'{outcome}'}}"
    return {
        "ErrorEquals": [error],
        "Output": f"{{%$merge([$states.input,{{'failure':$merge([{known},$states.errorOutput])}}])%}}",
        "Next": _target_name(task.on[outcome]),
    }


def _target_name(target: Target) -> str:
    return target.value if isinstance(target, Ending) else ".".join(_name_parts(*target))


def _state_name(task: Task) -> str:
    return ".".join(_name_parts(*task.id))


def _name_parts(step: str, operation: Operation) -> tuple[str, ...]:
    return (step,) if operation is Operation.ACTION else (step, operation.value)
