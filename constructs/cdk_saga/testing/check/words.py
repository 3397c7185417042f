"""What went wrong in a trial, in words."""

from collections.abc import Sequence

from cdk_saga.testing.check.providers import Silent
from cdk_saga.testing.check.recorder import Call, Touch
from cdk_saga.testing.check.runner import Trial
from cdk_saga.testing.check.scenarios import Answered, Failing, Scenario
from cdk_saga.testing.check.state import Place
from cdk_saga.testing.check.subject import Subject
from cdk_saga.testing.faults import (
    Cancel,
    Crash,
    Delay,
    Duplicate,
    Fault,
    LostReply,
    NotTaken,
    RequestFault,
    Slow,
    Stop,
    Throttled,
)


def circumstances(subject: Subject, trial: Trial, clean: Trial) -> list[str]:
    """What a trial's saga lived through, one line for each thing; ``clean`` is the same without faults."""
    scenario = trial.scenario
    return [
        f"{scenario.style}, input {scenario.input}: {subject.inputs[scenario.input]!r:.200}",
        *_of_scenario(subject, scenario),
        *(_of_fault(subject, fault, clean) for fault in trial.faults),
    ]


def _of_scenario(subject: Subject, scenario: Scenario) -> list[str]:
    neighbour = ["another saga with the same input has completed before"] if scenario.neighbour else []
    order = [] if scenario.order is None else [f"everything in a random order, number {scenario.order}"]
    answered = [_of_answer(subject, scenario.answered)] if scenario.answered else []
    return [*neighbour, *answered, *(_of_failing(subject, one) for one in scenario.failing), *order]


def _of_answer(subject: Subject, told: Answered) -> str:
    how = {
        "no": "is rejected by whom it has asked",
        "never": "is never answered, so its time ends",
        "twice": "is completed twice",
        "late": "is completed long after its time",
    }
    return f"`{subject.handler(f'{told.step}.action')}` {how[told.answer]}"


def _of_failing(subject: Subject, failing: Failing) -> str:
    how = {
        "rejected": "is rejected",
        "before": "fails at each attempt before it has done anything",
        "after": "fails at each attempt when it has done everything",
    }
    return f"`{subject.handler(failing.task)}` {how[failing.how]}"


def _of_fault(subject: Subject, fault: Fault, clean: Trial) -> str:
    who = f"`{subject.handler(fault.task)}`, attempt {fault.attempt},"
    if isinstance(fault, Cancel):
        return f"a customer cancels the saga before request {fault.call}{_what(fault, clean)} of {who[:-1]}"
    if isinstance(fault, RequestFault):
        return f"{who} {_at_request(fault)} request {fault.call}{_what(fault, clean)}"
    match fault:
        case Duplicate():
            return f"{who} is called once more {fault.after:g} s later"
        case Delay():
            return f"{who} begins {fault.seconds:g} s late"
        case Stop():
            return f"an operator stops the execution while {who[:-1]} is at work"
        case _:
            return str(fault)


def _at_request(fault: RequestFault) -> str:
    match fault:
        case Crash():
            return f"crashes {fault.when}"
        case Slow():
            return f"takes {fault.seconds:g} s, and is killed meanwhile, {fault.when}"
        case LostReply():
            return "loses the reply, so that the SDK asks again, to"
        case Silent():
            return "gets no answer, though it is done, to"
        case Throttled():
            return f"is refused {fault.times} times from"
        case NotTaken():
            return "is told that EventBridge took it, wrongly, at"
        case _:
            return f"{fault!r} at"


def _what(fault: RequestFault, clean: Trial) -> str:
    place = fault.task, fault.attempt, fault.call
    found = [entry.what for entry in clean.run.trace.requests() if (entry.task, entry.attempt, entry.call) == place]
    return f" ({found[0]})" if found else ""


def how_often(touches: Sequence[Touch]) -> str:
    """How often, and when; a transaction counts once."""
    attempts = list(dict.fromkeys(touch.attempt for touch in touches))
    which = f"attempts {', '.join(map(str, attempts))}" if len(attempts) > 1 else f"both in attempt {attempts[0]}"
    return f"{len({touch.at for touch in touches})} times ({which})"


def error_of(call: Call) -> str:
    """What a call raised."""
    return f"{type(call.error).__name__}: {call.error}"


def times(trial: Trial, call: Call) -> str:
    """How often its handler was called."""
    times = sum(1 for one in trial.calls if one.task == call.task)
    return "once" if times == 1 else f"{times} times"


def key_hint(place: Place) -> str:
    """What to do about effects of several calls."""
    return f". What is called again has the same command.idempotency_key: use it at {place.where}"
