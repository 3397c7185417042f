"""Steps that run at the same time."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cdk_saga.definition.errors import DefinitionError
from cdk_saga.definition.step import Step, checked_part

FEWEST_BRANCHES = 2


@dataclass(frozen=True)
class Parallel:
    """A group of branches that run at the same time; the step after it starts once, when all are through.

    When any member fails, every member is compensated, each branch in its reverse order, then what came before.

    Args:
        name: unique among the saga's steps and groups, as its events are ``<name>.succeeded`` and the like.
        branches: two or more; each a :class:`Step`, or a list of steps that follow one another.

    Raises:
        DefinitionError: a name that cannot be used, fewer than two branches, an empty one, or a pivot inside.

    Example:
        >>> hotel = Step("hotel", participant="hotels", action="book_hotel", compensation="cancel_hotel")
        >>> car = Step("car", participant="cars", action="book_car", compensation="cancel_car")
        >>> [step.name for branch in Parallel("stay", hotel, [car]).branches for step in branch]
        ['hotel', 'car']
    """

    name: str
    branches: tuple[tuple[Step, ...], ...] = field()

    def __init__(self, name: str, *branches: Step | Sequence[Step]) -> None:
        object.__setattr__(self, "name", checked_part(name, "group"))
        sequences = tuple((branch,) if isinstance(branch, Step) else tuple(branch) for branch in branches)
        object.__setattr__(self, "branches", _checked_branches(name, sequences))

    @property
    def steps(self) -> tuple[Step, ...]:
        """All members, branch by branch."""
        return tuple(step for branch in self.branches for step in branch)


def _checked_branches(group: str, branches: tuple[tuple[Step, ...], ...]) -> tuple[tuple[Step, ...], ...]:
    if len(branches) < FEWEST_BRANCHES:
        raise DefinitionError(f"group {group!r} has {len(branches)} branches: give it two or more, or list its steps")
    for branch in branches:
        if not branch:
            raise DefinitionError(f"group {group!r} has an empty branch: leave it out")
        for step in branch:
            if not isinstance(step, Step):  # pyright: ignore[reportUnnecessaryIsInstance] # callers may be untyped
                raise DefinitionError(f"group {group!r}: {step!r} is not a step; use Step(...)")
            if step.pivot:
                raise DefinitionError(f"group {group!r}: {step.name!r} is the pivot; a pivot stands alone, move it out")
    return branches
