"""What holds for every saga, whatever goes wrong: checked on the participants' data first, on the ledger second.

Which check is for what, in the order of the promises (``docs/proof.md`` says them in full):

1. one ending, published, with an alarm when it is STUCK: :func:`_of_the_ending`; published and counted once, as far as
   nothing went wrong: :func:`_of_announcements`;
2. every effect exactly once, or none left: :func:`_of_effects` and :func:`_of_final_effects`;
3. undone in reverse order: :func:`_of_effects`, by :func:`precedes`;
4. nothing is undone that was not done: :func:`_of_effects`, an effect's changes begin with its appearance;
5. nothing after a tombstone: :func:`_of_effects`, an effect appears once, and :data:`STEP_MOVES`;
6. never undone past the pivot, never committed during compensation: :func:`_of_early_endings`, :data:`SAGA_MOVES`,
   :func:`_of_orders`;
7. all of it whatever is repeated, lost, late or dead: every search asserts :func:`violations` after every run;
8. no message lost: :func:`_of_messages`;
14. every call that a function makes is granted: :func:`_of_permissions`;
9. both styles agree, 10. whatever errors are called, 11. bad input touches nothing: properties of two runs or of no
   saga at all, asserted by tests of their own.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations, permutations
from typing import Any, Final, NamedTuple

from cdk_saga.definition import NOTHING_TO_UNDO, Parallel, Saga
from cdk_saga.testing.faults import Cancel, Stale
from cdk_saga.testing.forgotten import of_a_forgotten_ledger
from cdk_saga.testing.run import TOLD_AS, Run
from cdk_saga.testing.transitions import NO_ITEM, SAGA_MOVES, STEP_MOVES
from cdk_saga.testing.world import DEAD, LEDGER

Json = dict[str, Any]
AGAIN: Final = frozenset(f"orders: {order}" for order in ("retry", "resume", "redrive", "skip"))
"""How a trace names what an operator asks for after which an ending may be published again."""


class ObservedEffect(NamedTuple):
    """A change of a step's effect, seen in the participant's own data.

    Attributes:
        at: when, in seconds since the epoch.
        step: whose.
        amount: 1 when it appeared, -1 when it was undone.
    """

    at: float
    step: str
    amount: int


def violations(run: Run, effects: Sequence[ObservedEffect] | None) -> list[str]:
    """What a run did that no run may do, in words; empty when all is well.

    Args:
        run: a finished run; one whose ledger was restored or lost is judged by what was published.
        effects: every change of an effect, in order; ``None`` when another rule checks them.
    """
    if any(one.ledger_as_of is not None for one in run.deployments):
        changes = [(effect.step, effect.amount) for effect in effects or ()]
        return [*of_a_forgotten_ledger(run, changes), *_of_permissions(run)]
    return [
        *_of_the_ending(run),
        *_of_announcements(run),
        *(() if effects is None else _of_effects(run, effects)),
        *_of_the_ledger(run),
        *_of_orders(run),
        *_of_messages(run),
        *_of_permissions(run),
    ]


def _of_the_ending(run: Run) -> Iterator[str]:
    """Exactly one ending, published and, if it needs an operator, alarmed."""
    if run.endless:
        yield "the saga goes on for ever"
    if not run.ended:
        yield f"the saga hangs, its state is {run.ending or 'nothing'}"
        return
    told = [event.detail_type for event in run.announced]
    expected = TOLD_AS[run.ending]
    # A saga may be called stuck before it ends well, and an ending may be told twice, but the last word is right.
    if not told or told[-1] != expected or set(told) - {expected, "saga.stuck"}:
        yield f"the saga is {run.ending}, but the bus was told {', '.join(told) or 'nothing'}"
    if run.ending == "STUCK" and not (run.dead_letters or any("Stuck" in metric for metric in run.metrics)):
        yield "the saga is stuck and no alarm was raised"


def _of_announcements(run: Run) -> Iterator[str]:
    """An ending is published and counted once.

    A fault may make a function publish it again, an operator may ask for that; it is never counted again, except that
    an operator has to look.
    """
    if not run.ended:
        return
    published = sum(event.detail_type == TOLD_AS[run.ending] for event in run.announced)
    counted = run.counted(TOLD_AS[run.ending].removeprefix("saga.").capitalize())
    asked = sum(entry.what in AGAIN and entry.outcome == "obeyed" for entry in run.trace.entries)
    calm = all(isinstance(fault, Cancel | Stale) for fault in (*run.world.functions.faults.all, *run.deployments))
    if calm and published > 1 + asked:
        yield f"nothing went wrong, but {TOLD_AS[run.ending]} was published {published} times"
    if counted > 1 and run.ending != "STUCK":
        yield f"the saga is {run.ending}, and that is counted {counted} times"
    if calm and counted != published and run.ending == "STUCK":
        yield f"nothing went wrong, but saga.stuck was published {published} times and counted {counted} times"
    if calm and not counted:
        yield f"the saga is {run.ending}, and that is not counted"


def _of_effects(run: Run, effects: Sequence[ObservedEffect]) -> Iterator[str]:
    """Each effect exactly once or not at all, undone in reverse order, and never after it was undone."""
    history: dict[str, list[int]] = defaultdict(list)
    for effect in effects:
        history[effect.step].append(effect.amount)
    for step, amounts in history.items():
        if amounts not in ([1], [1, -1]):
            yield f"the effect of {step!r} changed by {amounts}: it may appear once, and then be undone once"
    undone = [effect.step for effect in effects if effect.amount < 0]
    late = _given_up(run)
    for earlier, later in combinations(undone, 2):
        if later not in late and precedes(run.saga, earlier, later):
            yield f"{earlier!r} was undone before {later!r}, which comes after it: undone in the order {undone}"
    yield from _of_final_effects(run, Counter({step: sum(amounts) for step, amounts in history.items()}))
    yield from _of_early_endings(run, effects)


def _of_final_effects(run: Run, counts: Counter[str]) -> Iterator[str]:
    undoable = [step.name for step in run.saga.all_steps if step.compensation is not NOTHING_TO_UNDO]
    skipped = run.skipped
    owed = [name for name in undoable if name not in skipped]
    match run.ending:
        case "COMPLETED":
            if missing := [step.name for step in run.saga.all_steps if counts[step.name] != 1]:
                yield f"the saga is COMPLETED without the effect of {missing}"
        case "COMPENSATED" | "PARTIALLY_COMPENSATED":
            yield from _of_what_is_left(run.ending, [name for name in owed if counts[name] != 0], skipped)
        case "STUCK" if run.saga.on_compensation_failure == "continue" and _moves_to(run, "COMMITTED") == 0:
            if named := [name for name in owed if counts[name] and name not in run.stuck]:
                yield f"the saga is STUCK at {run.stuck}, but the effect of {named} is still there too"
        case "STUCK":
            for first, second in permutations(owed, 2):
                if precedes(run.saga, first, second) and counts[first] == 0 and counts[second] == 1:
                    yield f"the saga is STUCK with the effect of {second!r}, but not of {first!r} before it"
        case _:
            pass


def _of_what_is_left(ending: str, left: Sequence[str], skipped: Sequence[str]) -> Iterator[str]:
    """After compensation nothing is there but what was skipped, and then the ending says so."""
    if left:
        yield f"the saga is {ending}, but the effect of {left} is still there"
    if (ending == "PARTIALLY_COMPENSATED") != bool(skipped):
        yield f"the saga is {ending}, and skipped was {skipped or 'nothing'}"


def _given_up(run: Run) -> set[str]:
    """The steps that the saga was ever stuck at, if its compensation goes on all the same: they may be undone later."""
    if run.saga.on_compensation_failure == "stop":
        return set()
    metas = (change.new or {} for change in run.world.dynamodb.changes if change.key[-1] == "META")
    return {step for meta in metas if "stuck" in meta for step in meta["stuck"]["S"].split(",")}


def _moves_to(run: Run, state: str) -> int:
    return sum(new == state for _, _, new in _moves(run, "META"))


def precedes(saga: Saga, first: str, second: str) -> bool:
    """Whether a step has to be done before another; members of a group in different branches need not."""
    for part in saga.steps:
        for branch in part.branches if isinstance(part, Parallel) else ((part,),):
            names = [step.name for step in branch]
            if first in names and second in names:
                return names.index(first) < names.index(second)
        names = [step.name for step in part.steps] if isinstance(part, Parallel) else [part.name]
        if first in names or second in names:
            return second not in names
    return False


def _of_early_endings(run: Run, effects: Sequence[ObservedEffect]) -> Iterator[str]:
    """When a saga has ended nothing of it changes any more, and past its pivot nothing is undone."""
    for at, old, new in _moves(run, "META"):
        if new == old or new not in ("COMMITTED", "COMPLETED", "COMPENSATED", "PARTIALLY_COMPENSATED"):
            continue
        for effect in effects:
            forward = new == "COMMITTED" and effect.amount > 0
            back = new in ("COMPENSATED", "PARTIALLY_COMPENSATED")
            if effect.at > at and not forward and not (back and _was_under_way(run, effect, at)):
                yield f"the saga was {new} when the effect of {effect.step!r} changed by {effect.amount}"


def _was_under_way(run: Run, effect: ObservedEffect, at: float) -> bool:
    """Whether an external effect that nothing undoes was being made when the saga ended, and came within its lease."""
    step = next(step for step in run.saga.all_steps if step.name == effect.step)
    if step.compensation is not NOTHING_TO_UNDO:
        return False
    items = [change.new for change in run.world.dynamodb.changes if _is_of(step.name, change.key) and change.at <= at]
    leases = [int(item["lease"]["N"]) / 1000 for item in items if item and _state(item) == "STARTED"]
    return effect.at <= max(leases, default=0.0)


def _is_of(step: str, key: Sequence[Any]) -> bool:
    return key[-1] == f"STEP#0#{step}"


def _of_the_ledger(run: Run) -> Iterator[str]:
    for _, old, new in _moves(run, "META"):
        if new not in SAGA_MOVES[old]:
            yield f"the saga went from {old or 'nothing'} to {new or 'nothing'}"
    for step in run.saga.all_steps:
        for _, old, new in _moves(run, f"STEP#0#{step.name}"):
            if new not in STEP_MOVES[old]:
                yield f"step {step.name!r} went from {old or 'nothing'} to {new or 'nothing'}"


def _of_orders(run: Run) -> Iterator[str]:
    """After a cancellation has been obeyed, no step begins and none is done at once."""
    for entry in run.trace.entries:
        if (entry.what, entry.outcome) != ("orders: cancel", "obeyed"):
            continue
        for step in run.saga.all_steps:
            for at, old, new in _moves(run, f"STEP#0#{step.name}"):
                if at > entry.at and old == NO_ITEM and new in ("STARTED", "DONE"):
                    yield f"step {step.name!r} began although the saga was cancelled"


def _moves(run: Run, sort_key: str) -> Iterator[tuple[float, str, str]]:
    for change in run.world.dynamodb.changes:
        if change.table == LEDGER and change.key[1] == sort_key:
            yield change.at, _state(change.old), _state(change.new)


def _state(item: Json | None) -> str:
    return item["st"]["S"] if item and "st" in item else NO_ITEM


def _of_permissions(run: Run) -> Iterator[str]:
    """Nothing that a function or a service does is denied."""
    yield from dict.fromkeys(run.world.functions.denied)


def _of_messages(run: Run) -> Iterator[str]:
    """No message is lost, and none waits for an operator without need."""
    for queue in run.world.queues.by_name.values():
        if queue.messages and queue.name != DEAD:
            yield f"{len(queue.messages)} messages are forgotten in queue {queue.name!r}"
    if run.dead_letters and run.ending != "STUCK":
        yield f"the saga is {run.ending}, but {len(run.dead_letters)} messages wait for an operator"
    for execution in run.world.states.executions.values():
        if execution.status == "RUNNING":
            yield f"execution {execution.name!r} hangs"
