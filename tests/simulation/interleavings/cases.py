"""What is searched: sagas, what they are asked to do, and what may go wrong meanwhile."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from simulation.interleavings.search import Figures, Search
from simulation.interleavings.states import Budget
from simulation.search import Scenario
from simulation.shapes import saga, sequences


@dataclass(frozen=True)
class Case:
    """One search.

    Attributes:
        shape: the saga, see `shapes`.
        budget: what may go wrong; the name of one of `BUDGETS` or `ANSWERS`.
        given: the input, see `participants`.
    """

    shape: str
    budget: str
    given: Mapping[str, Any]

    def search(self) -> Figures:
        """Look at every state."""
        return Search(Scenario(self.shape, "choreographed", self.given), {**BUDGETS, **ANSWERS}[self.budget]).run()

    def __str__(self) -> str:
        return f"{self.shape}, {dict(self.given) or 'happy'}, {self.budget}"


BUDGETS: Final = {
    "two crashes": Budget(crashes=2, copies=0),
    "a copy and a crash": Budget(crashes=1, copies=1),
    "a lost reply and a copy": Budget(crashes=0, losses=1, copies=1, surrenders=0),
    "a lost reply and a crash": Budget(crashes=1, losses=1, copies=0, surrenders=0),
    "caught, and a copy": Budget(crashes=1, copies=1, surrenders=0, catches=1),
    "cancelled, and a crash": Budget(crashes=1, copies=0, surrenders=0, cancels=1),
    "cancelled, and a copy": Budget(crashes=0, copies=1, surrenders=0, cancels=1),
    "stuck and resumed": Budget(crashes=0, copies=0, surrenders=2, resumes=1),
    "stuck and skipped": Budget(crashes=0, copies=0, surrenders=2, resumes=1, skips=1),
}
ANSWERS: Final = {
    "answered, and a crash": Budget(crashes=1, copies=0, surrenders=0, completes=1),
    "answered, and a copy": Budget(crashes=0, copies=1, surrenders=0, completes=1),
    "answered or cancelled": Budget(crashes=0, copies=0, surrenders=0, cancels=1, completes=1),
    "answered yes and no": Budget(crashes=0, copies=0, surrenders=0, completes=1, rejects=1),
}
"""For sagas with a step that waits."""
LARGE: Final = frozenset(("a copy and a crash", "cancelled, and a copy", "a lost reply and a crash"))
"""Budgets for which sagas of three steps have too many states."""
ONE: Final = tuple(sequences(1))
TWO: Final = tuple(
    shape
    for shape in (*map("".join, product(("T", "X", "T°", "X°"), repeat=2)), "T!T", "T!X", "X!T")
    if shape.count("X") < 2
)
"""Two external effects, each with its lease, have more than three million states: the searches of runs try those."""
THREE: Final = ("TTT", "TT!T", "TT°T")
WAITING: Final = ("T?", "X?", "TT?", "T?T", "T!T?")
GROUPS: Final = ("(T|T)",)


def cases(shapes: Iterable[str], budgets: Iterable[str] = BUDGETS) -> Iterator[Case]:
    """Every case of some shapes: all goes well, or the last step that may say no does."""
    for shape, budget in product(shapes, budgets):
        yield Case(shape, budget, {})
        steps = saga(shape).all_steps
        yield Case(shape, budget, {"rejected": [next((step.name for step in steps if step.pivot), steps[-1].name)]})


def waiting(shapes: Iterable[str]) -> Iterator[Case]:
    """Cases of sagas with a step that waits, whatever it is told meanwhile."""
    for shape, budget in product(shapes, ANSWERS):
        yield Case(shape, budget, {"pending": [step.name for step in saga(shape).all_steps if step.callback_timeout]})


def everything() -> list[Case]:
    """What `make prove` searches."""
    small = [name for name in BUDGETS if name not in LARGE]
    return [
        *cases((*ONE, *TWO)),
        *waiting(WAITING),
        *cases(GROUPS, small),
        *(case for case in cases(THREE, small) if not case.given),
    ]
