"""Handlers that stand in for a definition's own: they write and call as much as one is told to assume."""

from collections.abc import Callable
from typing import Any, Final

from cdk_saga import Saga, Step
from cdk_saga.cost import Assumptions
from cdk_saga.testing import ControlOperation
from cdk_saga.testing.world import World
from saga_cli.simulated.paths import ExecutionPath
from saga_runtime import Command, Participant, Pending, Rejected, Writes

TABLE: Final = "own"
ANSWERED: Final = 60
"""Seconds until a step that waits has its answer."""
RESULT: Final = "x" * 24
"""What a step returns besides its key."""
Json = dict[str, Any]


class Failed(Exception):
    """What an action raises that cannot tell whether it has happened."""


def prepare(world: World) -> None:
    """Make the table that the steps write to."""
    key = {"AttributeName": "pk"}
    world.dynamodb.create_table(
        TableName=TABLE, KeySchema=[{**key, "KeyType": "HASH"}], AttributeDefinitions=[{**key, "AttributeType": "S"}]
    )


def participants(saga: Saga, course: ExecutionPath, given: Assumptions) -> dict[str, Participant]:
    """A participant for each of the saga's, with every handler that its steps name."""
    made = {name: Participant(name) for name in saga.participants}
    known = set[tuple[str, str]]()
    for step in saga.all_steps:
        if (step.participant, step.action) not in known:
            known.add((step.participant, step.action))
            _register(made[step.participant], step, course, given)
    return made


def answers(saga: Saga, course: ExecutionPath) -> list[ControlOperation]:
    """What the steps are told that wait, as far as the saga comes."""
    orders = list[ControlOperation]()
    for step in saga.all_steps:
        fails = step.name == course.step
        if (
            step.callback_timeout
            and course.how != "unanswered"
            and not (fails and course.how in ("unknown", "times out"))
        ):
            word = "reject" if fails and course.how == "rejected" else "complete"
            orders.append(ControlOperation(word, ANSWERED, step=step.name, reason="no"))
        if fails:
            break
    return orders


def _register(participant: Participant, step: Step, course: ExecutionPath, given: Assumptions) -> None:
    if step.name in given.external:
        _register_external(participant, step, course)
        return

    def act(command: Command, writes: Writes) -> Json | Pending:
        if _is_rejected(command, course) and given.own_writes:
            # As most are with such an effect: a condition on what is there. The refused transaction is billed too.
            writes.put(TABLE, {"pk": "nothing"}, condition="attribute_exists(pk)", rejected="no")
            return {}
        answer = _answer(command, course)
        _write(command, given, lambda key: writes.put(TABLE, key))
        return answer

    def undo(command: Command, writes: Writes) -> None:
        _write(command, given, lambda key: writes.delete(TABLE, key))

    act.__name__ = step.action
    action = participant.action(act)
    if isinstance(step.compensation, str):
        undo.__name__ = step.compensation
        action.compensation(undo)


def _register_external(participant: Participant, step: Step, course: ExecutionPath) -> None:
    def act(command: Command) -> Json | Pending:
        return _answer(command, course)

    def undo(_command: Command) -> None:
        return

    act.__name__ = step.action
    action = participant.external_action(act)
    if isinstance(step.compensation, str):
        undo.__name__ = step.compensation
        action.compensation(undo)


def _is_rejected(command: Command, course: ExecutionPath) -> bool:
    return command.step == course.step and course.how == "rejected" and not command.callback_timeout


def _answer(command: Command, course: ExecutionPath) -> Json | Pending:
    if _is_rejected(command, course):
        raise Rejected("no")
    if command.step == course.step and course.how == "unknown":
        raise Failed("no answer")
    result = {"confirmation": command.idempotency_key, "by": RESULT}
    return Pending(result) if command.callback_timeout else result


def _write(command: Command, given: Assumptions, write: Callable[[Json], object]) -> None:
    for number in range(given.own_writes):
        write({"pk": f"{command.idempotency_key}.{number}"})
