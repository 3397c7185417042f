"""Kinds of searches: all that a list has, or what seeds draw."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Protocol

from cdk_saga.testing import explore, follow
from simulation.search import Scenario, Tried, judged

BLOCK: Final = 500
"""Seeds that a process takes at once."""


class Search(Protocol):
    """A search in parts, which processes share among themselves."""

    @property
    def faults(self) -> str:
        """How many strike in one run."""
        ...

    @property
    def size(self) -> int:
        """Scenarios."""
        ...

    @property
    def parts(self) -> int:
        """How many parts there are."""
        ...

    def tries(self, part: int) -> Iterator[Tried]:
        """Every run of a part."""
        ...

    def again(self, path: Sequence[int]) -> Tried:
        """The run of a path."""
        ...


@dataclass(frozen=True)
class Listed:
    """A search of all scenarios of a list.

    Args:
        listing: makes the list.
    """

    listing: Callable[[], Iterable[Scenario]]

    @cached_property
    def scenarios(self) -> Sequence[Scenario]:
        """All of them."""
        return tuple(self.listing())

    @property
    def size(self) -> int:
        """Scenarios."""
        return len(self.scenarios)

    @property
    def parts(self) -> int:
        """Each is one."""
        return self.size


@dataclass(frozen=True)
class Exhaustive(Listed):
    """Every combination of up to ``depth`` faults."""

    depth: int

    @property
    def faults(self) -> str:
        """None, and up to that many."""
        return f"0-{self.depth}"

    def tries(self, part: int) -> Iterator[Tried]:
        """Every run of a scenario."""
        scenario = self.scenarios[part]
        with scenario.simulated() as simulated:
            for found in explore(scenario.runner(simulated), self.depth):
                finding = judged(scenario, found.faults, found.run)
                yield Tried((part, *found.path), scenario, found.faults, found.run, finding)

    def again(self, path: Sequence[int]) -> Tried:
        """Without the others."""
        scenario = self.scenarios[path[0]]
        found = follow(scenario.runner(), path[1:])
        return Tried(tuple(path), scenario, found.faults, found.run, judged(scenario, found.faults, found.run))


@dataclass(frozen=True)
class Special(Listed):
    """All that goes wrong in one way of its own."""

    search: Callable[[Scenario], Iterator[Tried]]
    faults: str

    def tries(self, part: int) -> Iterator[Tried]:
        """Every run of a scenario."""
        for tried in self.search(self.scenarios[part]):
            yield replace(tried, path=(part, *tried.path))

    def again(self, path: Sequence[int]) -> Tried:
        """Found by looking for it."""
        return next(tried for tried in self.tries(path[0]) if tried.path == tuple(path))


@dataclass(frozen=True)
class Drawn:
    """As many runs as there are seeds."""

    seeds: int
    of_seed: Callable[[int], Tried]
    faults: str

    @property
    def size(self) -> int:
        """Each has a scenario."""
        return self.seeds

    @property
    def parts(self) -> int:
        """Blocks of seeds."""
        return self.seeds // BLOCK

    def tries(self, part: int) -> Iterator[Tried]:
        """The runs of a block."""
        return map(self.of_seed, range(part * BLOCK, (part + 1) * BLOCK))

    def again(self, path: Sequence[int]) -> Tried:
        """That of a seed."""
        return self.of_seed(path[0])
