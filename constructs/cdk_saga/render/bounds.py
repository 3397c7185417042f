"""What AWS accepts of a rendering, checked where the text is made: a deployment would say it minutes later."""

import json
from collections.abc import Iterator
from typing import Any, Final

from cdk_saga.definition import DefinitionError
from cdk_saga.limits import DEFINITION_SIZE, HISTORY, INPUT_TEMPLATE, STATE_NAME
from cdk_saga.plan import Plan, Task

Json = dict[str, Any]
MAX_ARN: Final = 256
"""Characters of a function's ARN with its alias, which CloudFormation puts in place of ``${participant}``."""
EVENTS_OF_A_STATE: Final = 4
"""Entered, started, succeeded, exited; a ``Parallel`` state has them all, other states two or three of them."""
EVENTS_OF_AN_ATTEMPT: Final = 4
"""Scheduled, started, submitted, ended: the last two of them once for a plain call of a function."""
ATTEMPTS_BY_DEFAULT: Final = 3
"""A retrier's, where it does not say (Amazon States Language)."""


def machine_within_limits(definition: Json, saga: str) -> Json:
    """Return ``definition`` when Step Functions takes it and can finish it.

    Raises:
        DefinitionError: its text is too long, a name is, or the history of its longest execution.
    """
    states = list(_states(definition))
    for name, _ in states:
        STATE_NAME.check(len(name), f"saga {saga!r}, state {name!r}", "shorten the step's name", DefinitionError)
    size = len(json.dumps(definition, separators=(",", ":"))) + MAX_ARN * len(states)
    cure = "choose shorter names, fewer steps at the same time, or two sagas"
    DEFINITION_SIZE.check(size, f"saga {saga!r}", cure, DefinitionError)
    history = 2 + sum(EVENTS_OF_A_STATE + EVENTS_OF_AN_ATTEMPT * _attempts(state) for _, state in states)
    cure = "give its retries fewer attempts with a longer cap, or make two sagas of it"
    HISTORY.check(history, f"saga {saga!r}, if all its attempts were needed", cure, DefinitionError)
    return definition


def checked_task(plan: Plan, task: Task, text: str) -> None:
    """Check the task spec of a command, as the text that a rule's input template holds.

    Raises:
        DefinitionError: it is too long.
    """
    whose = f"saga {plan.saga!r}, step {task.id.step!r}, {task.id.operation}"
    cure = "choose shorter names for the steps at the same time, or have fewer of them"
    INPUT_TEMPLATE.check(len(text.encode()), whose, cure, DefinitionError)


def _states(definition: Json) -> Iterator[tuple[str, Json]]:
    for name, state in definition["States"].items():
        yield name, state
        for branch in state.get("Branches", ()):
            yield from _states(branch)


def _attempts(state: Json) -> int:
    if state["Type"] != "Task":
        return 0
    return 1 + sum(retrier.get("MaxAttempts", ATTEMPTS_BY_DEFAULT) for retrier in state.get("Retry", ()))
