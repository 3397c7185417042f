"""Proves the invariants as far as patience goes, or shows one run.

    python -m simulation.prove                    # search everything; prints figures, and each finding with its seed;
                                                  # if there is none, writes the figures into docs/proof.md
    python -m simulation.prove pairs random       # only these searches; the others keep the figures they have
    python -m simulation.prove --seed random-4711 # the run of one seed, line by line
    python -m simulation.prove --speed            # how many sagas a second, without faults, on one core

A seed names one run: the search, and where it comes by that run: the scenario's number and the number of each fault;
of what is drawn just a number. Of the ledger's search, which looks at states and not at runs, it names the case.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Final

from cdk_saga.testing import Simulation
from simulation import figures
from simulation.interleavings import prove as interleavings
from simulation.interleavings.prove import LEDGER
from simulation.participants import simulation
from simulation.search import STYLES, Finding
from simulation.searches import SEARCHES
from simulation.shapes import saga

ROUNDS: Final = 5
REPEATED: Final = 500
"""Sagas in a round."""
SHOWN: Final = 5
"""Findings of a search that are printed."""
NAMES: Final = (*SEARCHES, LEDGER)


@dataclass
class Tally:
    """What a part of a search came to."""

    runs: int = 0
    findings: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def add(self, other: "Tally") -> None:
        self.runs += other.runs
        self.findings += other.findings[: SHOWN - len(self.findings)]


def search(name: str, part: int) -> Tally:
    """Make a part of a search."""
    tally = Tally()
    for tried in SEARCHES[name].tries(part):
        tally.runs += 1
        if tried.finding:
            tally.findings.append(("-".join(map(str, (name, *tried.path))), str(tried.finding)))
    return tally


def prove(names: Sequence[str]) -> bool:
    """Make searches, print their figures and keep those of what found nothing; returns whether none found anything."""
    line = f"{'search':<8} {'scenarios':>9} {'faults':>11} {'runs':>9} {'seconds':>7} {'runs/s':>6}  findings"
    print(line, flush=True)
    rows: dict[str, figures.Row] = {}
    with ProcessPoolExecutor() as pool:
        for name in (name for name in names if name != LEDGER):
            if row := _searched(name, pool):
                rows[name] = row
        if LEDGER in names and (ledger := interleavings.prove(pool)).holds:
            rows[LEDGER] = ledger.cases, ledger.states, ledger.edges, round(ledger.seconds)
    figures.write(rows)
    return len(rows) == len(set(names))


def _searched(name: str, pool: Executor) -> figures.Row | None:
    """Make a search and print its figures, which are returned if it found nothing."""
    begun, tally, wanted = time.monotonic(), Tally(), SEARCHES[name]
    for i, part in enumerate(pool.map(partial(search, name), range(wanted.parts)), start=1):
        tally.add(part)
        _progress(f"{name}: {i:,} of {wanted.parts:,} parts, {tally.runs:,} runs")
    _progress("")
    seconds = time.monotonic() - begun
    line = f"{name:<8} {wanted.size:>9,} {wanted.faults:>11} {tally.runs:>9,} {seconds:>7.0f}"
    print(line, f"{tally.runs / seconds:>6.0f}  {len(tally.findings) or 'none'}", flush=True)
    for seed, text in tally.findings:
        print(f"\n--seed {seed}\n{text}\n", flush=True)
    return None if tally.findings else (wanted.size, tally.runs, round(seconds))


def _progress(text: str) -> None:
    """One line that is written over, where somebody looks."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def show(seed: str) -> bool:
    """Print the run of a seed; returns whether it breaks no rule."""
    name, *numbers = seed.split("-")
    path = [*map(int, numbers)]
    if name == LEDGER:
        return interleavings.show(path[0])
    tried = SEARCHES[name].again(path)
    print(tried.finding or Finding(tried.scenario, tried.faults, [f"ends {tried.run.ending}"], tried.run))
    return tried.finding is None


def measure() -> bool:
    """Print how many sagas a second are simulated; the best of some rounds, since a machine has other things to do."""
    for shape, style in product(("TTT", "XXX"), STYLES):
        with simulation(saga(shape), style) as simulated:
            fastest = max(_speed(simulated) for _ in range(ROUNDS))
        print(f"{shape} {style:<13} {fastest:>6.0f} sagas a second")
    return True


def _speed(simulated: Simulation) -> float:
    begun = time.perf_counter()
    for _ in range(REPEATED):
        simulated.run()
    return REPEATED / (time.perf_counter() - begun)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("searches", nargs="*", metavar="search", help=f"{', '.join(NAMES)}; all by default")
    parser.add_argument("--seed", help="show the run of this seed")
    parser.add_argument("--speed", action="store_true", help="measure the speed")
    told = parser.parse_args()
    if unknown := set(told.searches) - {*NAMES}:
        parser.error(f"no such search: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    if told.speed:
        sys.exit(not measure())
    sys.exit(not (show(told.seed) if told.seed else prove(told.searches or NAMES)))


if __name__ == "__main__":
    main()
