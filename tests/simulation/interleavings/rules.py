"""What must hold in every state of the tables, and for every change of them."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from cdk_saga.definition import NOTHING_TO_UNDO, Saga
from cdk_saga.testing.clock import START
from cdk_saga.testing.invariants import precedes
from cdk_saga.testing.transitions import NO_ITEM, SAGA_MOVES, STEP_MOVES

Json = dict[str, Any]
TOMBSTONES = ("UNDOING", "UNDONE", "VOID", "FAILED")
ENDED = ("COMPLETED", "COMPENSATED", "PARTIALLY_COMPENSATED")


class View:
    """The tables as the rules see them.

    Args:
        meta: the saga's item; empty for none.
        steps: each step's item; empty for none.
        counts: how often each step's effect is there, by the participants' own data.
        stock: how many pieces each step has left, where it has any.
    """

    def __init__(self, meta: Json, steps: dict[str, Json], counts: dict[str, int], stock: dict[str, int]) -> None:
        self.meta = meta
        self.steps = steps
        self.counts = counts
        self.stock = stock

    @cached_property
    def status(self) -> str:
        """META's state."""
        return _state(self.meta)

    @cached_property
    def ending(self) -> str:
        """The ending that the saga has come to; else empty."""
        if self.meta.get("stuck", {}).get("S") and self.status in ("COMMITTED", "COMPENSATING", "STUCK"):
            return "STUCK"
        return self.status if self.status in ENDED else ""

    @cached_property
    def skipped(self) -> set[str]:
        """The steps whose compensation somebody let go."""
        return {name for name, item in self.steps.items() if "skipped" in item}


class Rules:
    """The rules for one saga (SPEC 5).

    Args:
        saga: the definition.
        stock: the pieces of each step at the start.
    """

    def __init__(self, saga: Saga, stock: int) -> None:
        self.stock = stock
        self.names = [step.name for step in saga.all_steps]
        self.undoable = [step.name for step in saga.all_steps if step.compensation is not NOTHING_TO_UNDO]
        self.committed = _until_the_pivot(saga)
        self.revocable = set(self.committed)
        self.in_order = [(a, b) for a in self.undoable for b in self.undoable if precedes(saga, a, b)]

    def of_state(self, view: View) -> Iterator[str]:
        """What is wrong with a state."""
        for name in self.names:
            if view.counts[name] not in (0, 1):
                yield f"the effect of {name!r} is there {view.counts[name]} times"
            if name in view.stock and view.stock[name] + view.counts[name] != self.stock:
                yield f"{name!r} has {view.stock[name]} pieces left of {self.stock}, and {view.counts[name]} given out"
        for first, second in self.in_order:
            if view.counts[second] and not view.counts[first] and second not in view.skipped:
                yield f"the effect of {second!r} is there, that of {first!r} before it is not"
        there, gone = _wanted(self, view)
        if missing := [name for name in there if view.counts[name] != 1]:
            yield f"the saga is {view.status} without the effect of {missing}"
        if left := [name for name in gone if view.counts[name] != 0]:
            yield f"the saga is {view.status}, but the effect of {left} is still there"
        if view.status in ("COMPENSATED", "PARTIALLY_COMPENSATED") and (view.status == "PARTIALLY_COMPENSATED") != bool(
            view.skipped
        ):
            yield f"the saga is {view.status}, and skipped was {sorted(view.skipped) or 'nothing'}"

    def of_change(self, old: View, new: View) -> Iterator[str]:
        """What is wrong with a change."""
        if new.status not in SAGA_MOVES[old.status]:
            yield f"the saga went from {old.status or 'nothing'} to {new.status or 'nothing'}"
        for name in self.names:
            before, after = _state(old.steps[name]), _state(new.steps[name])
            if after not in STEP_MOVES[before]:
                yield f"step {name!r} went from {before or 'nothing'} to {after or 'nothing'}"
            # What is skipped is not waited for: whoever is at work on it may go on. Nor is what nothing undoes.
            at_work = before == "STARTED" and name not in self.undoable and old.status != "COMPLETED"
            at_work = at_work or name in old.skipped
            if new.counts[name] > old.counts[name] and before in TOMBSTONES and not at_work:
                yield f"the effect of {name!r} appeared after its tombstone, {before}"
            if new.counts[name] != old.counts[name] and old.status in ENDED and not at_work:
                yield f"the effect of {name!r} changed after the saga was {old.status}"
            if (before, after) == ("PENDING", "DONE") and name in self.revocable and _is_over(old.steps[name]):
                yield f"{name!r} was answered too late"
            begins = before == NO_ITEM and after in ("STARTED", "DONE")
            if begins and ("fence" in old.steps[name] or "aborted_by" in old.meta):
                yield f"step {name!r} began although the saga was aborted"


def _wanted(rules: Rules, view: View) -> tuple[list[str], list[str]]:
    """Whose effects must be there, and whose must not, in a state of the saga."""
    match view.status:
        case "COMPLETED":
            return rules.names, []
        case "COMMITTED":
            return rules.committed, []
        case "COMPENSATED" | "PARTIALLY_COMPENSATED":
            return [], [name for name in rules.undoable if name not in view.skipped]
        case _:
            return [], []


def _until_the_pivot(saga: Saga) -> list[str]:
    names = [step.name for step in saga.all_steps]
    pivot = next((i for i, step in enumerate(saga.all_steps) if step.pivot), len(names) - 1)
    return names[: pivot + 1]


def _is_over(step: Json) -> bool:
    return "fence" in step or int(step["due"]["N"]) < START * 1000


def _state(item: Json) -> str:
    return item.get("st", {}).get("S", NO_ITEM)
