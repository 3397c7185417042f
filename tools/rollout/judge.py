"""What has to hold at the end: each saga that was started is in one ending, and rows, events and queues agree."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cdk_saga.testing.run import TOLD_AS
from rollout.plan import Key, Planned
from saga_runtime.ledger import SagaState
from soak.checks import Wrong

THERE: Final = "DONE"
"""The state of a step in the ledger whose effect is there."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What there is when nothing moves any more.

    Attributes:
        states: each saga of the ledger, by name and id.
        rows: the release that wrote each row of the participant's table, by key.
        heard: the endings that were published, by saga.
        waiting: how many messages each queue holds.
        running: the executions that run.
    """

    states: Mapping[Key, SagaState]
    rows: Mapping[str, str]
    heard: Mapping[Key, Sequence[str]]
    waiting: Mapping[str, int]
    running: Sequence[str] = ()


def judge(sagas: Iterable[Planned], steps: Mapping[str, Sequence[str]], facts: Facts) -> Iterator[Wrong]:
    """Everything that is not as it should be.

    Args:
        sagas: all that were started.
        steps: of each version of the definition.
        facts: what there is.
    """
    started = {saga.key: saga for saga in sagas}
    rows = dict(facts.rows)
    for key, saga in started.items():
        beginning = f"{saga.name}.{saga.id}."
        there = {row.removeprefix(beginning) for row in rows if row.startswith(beginning)}
        for wrong in _wrong_with(saga, steps, facts, there):
            yield Wrong(wrong, key)
    for key in set(facts.states) - set(started):
        yield Wrong("was never started", key)
    known = {f"{name}.{saga_id}" for name, saga_id in started}
    yield from (Wrong(f"row {row} is of no saga") for row in rows if row.rpartition(".")[0] not in known)
    yield from (Wrong(f"queue {name} holds {count} messages") for name, count in facts.waiting.items() if count)
    yield from (Wrong(f"execution {name} runs") for name in facts.running)


def _wrong_with(saga: Planned, steps: Mapping[str, Sequence[str]], facts: Facts, there: set[str]) -> Iterator[str]:
    state = facts.states.get(saga.key)
    if state is None or not state.ended:
        yield f"is in no ending: {state.status if state else 'never began'}"
        return
    if state.status != saga.kind.ends:
        yield f"ended as {state.status}, not as {saga.kind.ends}"
    if (version := str(state.meta.get("v"))) not in steps:
        yield f"runs by version {version}, which was never deployed"
        return
    owed = set(steps[version]) if state.status == "COMPLETED" else set[str]()
    if there != owed:
        yield f"{state.status}, and the rows of {sorted(there)} are there, not those of {sorted(owed)}"
    known = {step for step, item in state.steps.items() if item.get("st") == THERE}
    if known != there:
        yield f"the ledger has {sorted(known)} as {THERE}, and the rows of {sorted(there)} are there"
    if (heard := set(facts.heard.get(saga.key, ()))) != {TOLD_AS[state.status]}:
        yield f"{state.status}, and published was {sorted(heard)}"
