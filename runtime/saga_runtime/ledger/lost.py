"""A ledger that has lost items: a command carries results of steps of which the ledger knows nothing.

That happens when the table is replaced, or restored to an earlier moment, while sagas run. Compensating by such a
ledger would leave those effects, so the saga is STUCK, and META keeps what the command knew (``claims``). An operator
decides: ``resume`` takes the claims for true and compensates by them, ``skip`` closes single steps.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from saga_runtime.command import Command
from saga_runtime.errors import Contradiction
from saga_runtime.ledger.items import (
    ABSENT,
    CLAIMS,
    KEPT,
    META,
    RECOVERY,
    TRIED,
    Item,
    note,
    saga_key,
    step_key,
    update,
    without,
)
from saga_runtime.ledger.meta import Meta, contradiction
from saga_runtime.ledger.state import SagaKey, SagaState
from saga_runtime.ledger.store import Refused, Store
from saga_runtime.values import canonical, short

Json = dict[str, Any]
OPEN: Final = (
    f"{ABSENT} OR ((attribute_not_exists(ih) OR ih = :ih) AND (st IN (:running, :compensating, :stuck_)"
    " OR (st = :compensated AND #by = :recovery)))"
)
"""No ending, or that of a saga which was closed as one that had never begun."""
FIELDS: Final = ("st", "ih", "t1", "res")
"""Of a step's item, what a claim says."""
STATES: Final[Item] = {
    "running": "RUNNING",
    "compensating": "COMPENSATING",
    "stuck_": "STUCK",
    "compensated": "COMPENSATED",
    "recovery": RECOVERY,
}


def unknown_steps(command: Command, state: SagaState) -> list[str]:
    """The steps whose results ``command`` carries, while the ledger does not know that they were done."""
    if state.meta.get("st") in ("COMMITTED", "COMPLETED"):
        return []
    return [step for step in command.results if _is_unknown(state.steps.get(step, {}))]


class Lost:
    """Records contradictions, and settles them on an operator's word."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def record(self, command: Command, lost: Contradiction) -> None:
        """Mark the saga STUCK and keep what the command knows; a saga that has ended otherwise keeps its ending."""
        mark: Item = {"stuck": ",".join(lost.results), "err": short(str(lost)), "dead_letter": "", "by": ""}
        known: Item = {**mark, CLAIMS: canonical(lost.results)}
        try:
            self.store.write(Meta(self.store).contradicted(command, known, OPEN, STATES))
        except Refused:
            return

    def contradicted(self, command: Command, state: SagaState) -> Contradiction:
        """Record that ``command`` carries results which ``state`` does not know; returns the error that says so."""
        lost = contradiction(command, *unknown_steps(command, state))
        self.record(command, lost)
        return lost

    def restored(self, state: SagaState) -> SagaState:
        """The state of a saga if its claims are true: what the ledger knows counts more."""
        claims: Json = json.loads(str(state.meta[CLAIMS]))
        lost = {step: canonical(claims[step]) for step in claims if _is_unknown(state.steps.get(step, {}))}
        frame: Item = {"st": "DONE", "ih": state.meta["ih"], "t1": int(self.store.services.now() * 1000)}
        done = {step: {**state.steps.get(step, {}), **frame, "res": result} for step, result in lost.items()}
        return SagaState({name: value for name, value in state.meta.items() if name != CLAIMS}, {**state.steps, **done})

    def believe(self, saga: SagaKey, state: SagaState, restored: SagaState, stuck: Sequence[str]) -> None:
        """Write what an operator takes for true, and where the saga then stands.

        It will end PARTIALLY_COMPENSATED, as effects may be left: of steps that no command names, what they did is
        as lost as what the ledger knew of them.
        """
        pk, ttl = saga_key(saga.name, saga.id), int(self.store.services.now()) + KEPT
        changed = {step: item for step, item in restored.steps.items() if item is not state.steps.get(step)}
        done = [
            update(self.store.table, (pk, step_key(step)), {name: item[name] for name in FIELDS} | {"ttl": ttl})
            for step, item in changed.items()
        ]
        mark: Item = {"stuck": ",".join(stuck), **note(saga.name, self.store.part)}
        marked = update(self.store.table, (pk, META), mark, f"attribute_exists({CLAIMS})")
        self.store.write(None, without(marked, CLAIMS), done)


def _is_unknown(step: Item) -> bool:
    return step.get("st") in (None, TRIED, "VOID")
