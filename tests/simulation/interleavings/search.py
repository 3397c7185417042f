"""Breadth first through every state that any interleaving can reach."""

from array import array
from dataclasses import dataclass
from time import monotonic
from typing import Final

from cdk_saga.testing.run import ANNOUNCEMENTS, TOLD_AS
from simulation.interleavings.model import Model
from simulation.interleavings.moves import Moves
from simulation.interleavings.states import Budget, State, rests
from simulation.search import Scenario

MOST: Final = 3_000_000
"""States after which a search is given up."""


@dataclass(frozen=True)
class Violation:
    """The shortest way to a state that must not be."""

    problems: tuple[str, ...]
    steps: tuple[str, ...]

    def __str__(self) -> str:
        numbered = (f"{i:>4}. {step}" for i, step in enumerate(self.steps, 1))
        return "\n".join((*self.problems, *numbered))


@dataclass(frozen=True)
class Figures:
    """What a search came to."""

    states: int
    edges: int
    tables: int
    executed: int
    seconds: float
    violation: Violation | None


class Search:
    """A search of one scenario.

    Args:
        scenario: the saga and what it is asked to do.
        budget: what may go wrong.
        slots: deliveries at work at the same time.
    """

    def __init__(self, scenario: Scenario, budget: Budget, slots: int = 2) -> None:
        self.model = Model(scenario)
        self.budget = budget
        self.slots = slots
        self.moves = Moves(self.model)
        self.edges = 0

    def run(self) -> Figures:
        """Look at every state once; stops at the first violation, which is one of the nearest."""
        begun = monotonic()
        with self.model:
            states, violation = self._explore()
        model = self.model
        return Figures(
            len(states), self.edges, model.storage.size, model.deliveries.executed, monotonic() - begun, violation
        )

    def _explore(self) -> tuple[list[State], Violation | None]:
        first = self._first()
        states, numbers, parents = [first], {first: 0}, array("i", [-1])
        sources, targets = array("i"), array("i")
        for number, state in enumerate(states):  # grows meanwhile
            if problems := self._of_rest(state):
                return states, Violation(problems, self._way(states, parents, number))
            for edge in self.moves.of(state):
                self.edges += 1
                if edge.problems:
                    way = self._way(states, parents, number)
                    return states, Violation(edge.problems, (*way, edge.label))
                target = numbers.setdefault(edge.state, len(states))
                if target == len(states):
                    states.append(edge.state)
                    parents.append(number)
                sources.append(number)
                targets.append(target)
            if len(states) > MOST:
                raise RuntimeError(f"more than {MOST:,} states: a smaller budget, please")
        return states, self._of_hopeless(states, parents, sources, targets)

    def _first(self) -> State:
        start = self.model.start
        return State(
            tables=self.model.storage.start(),
            running=(None,) * self.slots,
            waiting=start,
            twice=0,
            received=0,
            failed=0,
            tired=0,
            known=start,
            heard=0,
            ignored=0,
            told=0,
            parked=False,
            left=self.budget,
        )

    def _of_rest(self, state: State) -> tuple[str, ...]:
        """What is wrong with a state in which nothing needs to happen any more."""
        if not rests(state):
            return ()
        ending = state.tables.view.ending
        if not ending:
            return (f"the saga hangs, its state is {state.tables.view.status or 'nothing'}",)
        if state.ignored:
            return ()  # an execution that fails is told by recovery, from what is no message here
        told = [name for i, name in enumerate(ANNOUNCEMENTS) if state.told & (1 << i)]
        if TOLD_AS[ending] not in told or set(told) - {TOLD_AS[ending], "saga.stuck"}:
            return (f"the saga is {ending}, but the bus was told {', '.join(told) or 'nothing'}",)
        return ()

    def _of_hopeless(
        self, states: list[State], parents: "array[int]", sources: "array[int]", targets: "array[int]"
    ) -> Violation | None:
        """From everywhere there must be a way to the end."""
        before: list[list[int]] = [[] for _ in states]
        for source, target in zip(sources, targets, strict=True):
            before[target].append(source)
        hopeful = bytearray(len(states))
        found = [number for number, state in enumerate(states) if rests(state)]
        for number in found:
            hopeful[number] = 1
        while found:
            for source in before[found.pop()]:
                if not hopeful[source]:
                    hopeful[source] = 1
                    found.append(source)
        if all(hopeful):
            return None
        return Violation(("no way leads to an end from here",), self._way(states, parents, hopeful.index(0)))

    def _way(self, states: list[State], parents: "array[int]", number: int) -> tuple[str, ...]:
        """The labels on the way to a state."""
        labels: list[str] = []
        while (parent := parents[number]) >= 0:
            state = states[number]
            labels.append(next(edge.label for edge in self.moves.of(states[parent]) if edge.state == state))
            number = parent
        return tuple(reversed(labels))
