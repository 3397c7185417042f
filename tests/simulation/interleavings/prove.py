"""Searches every case and prints what that came to; a part of `simulation.prove`."""

import time
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache
from typing import Final

from simulation.interleavings.cases import Case, everything
from simulation.interleavings.search import Figures

LEDGER: Final = "ledger"
SHOWN: Final = 5
"""Findings that are printed."""


@cache
def listed() -> tuple[Case, ...]:
    return tuple(everything())


def search(number: int) -> Figures:
    """Search one case."""
    return listed()[number].search()


@dataclass(frozen=True)
class Searched:
    """What all cases came to."""

    cases: int
    states: int
    edges: int
    seconds: float
    holds: bool


def prove(pool: Executor) -> Searched:
    """Search every case and print the figures."""
    begun = time.monotonic()
    found = list(pool.map(search, range(len(listed()))))
    seconds = time.monotonic() - begun
    states, edges = sum(figures.states for figures in found), sum(figures.edges for figures in found)
    findings = [(i, figures.violation) for i, figures in enumerate(found) if figures.violation]
    print(f"\n{'search':<8} {'cases':>9} {'states':>16} {'edges':>9} {'seconds':>7} {'edges/s':>7}  findings")
    print(
        f"{LEDGER:<8} {len(found):>9,} {states:>16,} {edges:>9,} {seconds:>7.0f} {edges / seconds:>7.0f}"
        f"  {len(findings) or 'none'}",
        flush=True,
    )
    for i, violation in findings[:SHOWN]:
        print(f"\n--seed {LEDGER}-{i}\n{listed()[i]}\n{violation}\n", flush=True)
    return Searched(len(found), states, edges, seconds, not findings)


def show(number: int) -> bool:
    """Print what the search of one case comes to."""
    figures = search(number)
    print(listed()[number])
    print(f"{figures.states:,} states, {figures.edges:,} edges, {figures.seconds:.1f} s")
    print(figures.violation or "no rule is broken")
    return figures.violation is None
