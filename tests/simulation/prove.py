"""Proves the invariants as far as patience goes, or shows one run.

    python -m simulation.prove                    # search everything; prints figures, and each finding with its seed;
                                                  # if there is none, writes the figures into docs/proof.md
    python -m simulation.prove pairs random       # only these searches
    python -m simulation.prove --seed random-4711 # the run of one seed, line by line
    python -m simulation.prove --speed            # how many sagas a second, without faults, on one core

A seed names one run: the search, the scenario's number, and the number of each fault; of random cases just a number. Of
the ledger's search, which looks at states and not at runs, it names the case.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import chain, product
from typing import Final

from cdk_saga.testing import Simulation, explore, follow
from simulation import deaths, figures
from simulation.cases import Case
from simulation.interleavings import prove as interleavings
from simulation.interleavings.prove import LEDGER
from simulation.participants import simulation
from simulation.search import STYLES, Finding, Scenario, judged, scenarios
from simulation.shapes import GROUPS, WAITING, saga, sequences

RANDOM: Final = "random"
SEEDS: Final = 50_000
BLOCK: Final = 500
"""Random cases that a process takes at once."""
TWO: Final = ("TT", "TX", "XT", "XX", "T°T", "TX°", "T!X", "TX!")
THREE: Final = (*map("".join, product("TX", repeat=3)), "TX!T")
ROUNDS: Final = 5
SHOWN: Final = 5
"""Findings of a search that are printed."""


@dataclass(frozen=True)
class Search:
    """Scenarios, and how many faults strike each at the same time."""

    scenarios: Callable[[], Iterator[Scenario]]
    depth: int


def hasty(found: Iterator[Scenario]) -> Iterator[Scenario]:
    """Scenarios, each also without any further attempt: then a single fault already uses them up."""
    return chain.from_iterable((scenario, replace(scenario, attempts=0)) for scenario in found)


def happy(shapes: Iterable[str]) -> Iterator[Scenario]:
    """Sagas of some shapes that nothing but faults keeps from completing."""
    return (Scenario(shape, style) for shape in shapes for style in STYLES)


SEARCHES: Final = {
    "one": Search(lambda: hasty(scenarios(sequences(1))), 1),
    "two": Search(lambda: hasty(scenarios(sequences(2))), 1),
    "three": Search(lambda: hasty(scenarios("".join(modes) for modes in product("TX", repeat=3))), 1),
    "groups": Search(lambda: hasty(scenarios(GROUPS)), 1),
    "waits": Search(lambda: hasty(scenarios(WAITING)), 1),
    "pairs": Search(lambda: hasty(chain(scenarios(["T", "X"]), happy([*TWO, "(T|X)"]))), 2),
    "pairs3": Search(lambda: hasty(happy(THREE)), 2),
}

RELAY: Final = "relay"
DYING: Final = Search(lambda: (replace(one, attempts=0) for one in scenarios(("T", "X", "T!", "T°"))), 1)
"""The relay dies at every delivery of what each fault brings it."""
NAMES: Final = (*SEARCHES, RELAY, RANDOM, LEDGER)


@dataclass
class Tally:
    """What a part of a search came to."""

    runs: int = 0
    scenarios: int = 0
    findings: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def add(self, other: "Tally") -> None:
        self.runs += other.runs
        self.scenarios += other.scenarios
        self.findings += other.findings[: SHOWN - len(self.findings)]


@cache
def listed(name: str) -> tuple[Scenario, ...]:
    return tuple({**SEARCHES, RELAY: DYING}[name].scenarios())


def search(name: str, number: int) -> Tally:
    """Search one scenario."""
    scenario, tally = listed(name)[number], Tally(scenarios=1)
    with scenario.simulated() as simulated:
        for found in explore(scenario.runner(simulated), SEARCHES[name].depth):
            tally.runs += 1
            if finding := judged(scenario, found.faults, found.run):
                tally.findings.append(("-".join(map(str, (name, number, *found.path))), str(finding)))
    return tally


def let_die(number: int) -> Tally:
    """Search one scenario in which the relay dies at every delivery."""
    tally = Tally(scenarios=1)
    for died in deaths.search(listed(RELAY)[number]):
        tally.runs += 1
        if died.finding:
            tally.findings.append(("-".join(map(str, (RELAY, number, *died.path))), str(died.finding)))
    return tally


def try_seeds(block: int) -> Tally:
    """Try some random cases."""
    tally = Tally(scenarios=BLOCK)
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        tally.runs += 1
        _, finding = Case.of_seed(seed).run()
        if finding:
            tally.findings.append((f"{RANDOM}-{seed}", str(finding)))
    return tally


def prove(names: Sequence[str]) -> bool:
    """Run searches and print their figures; returns whether nothing was found."""
    print(
        f"{'search':<8} {'scenarios':>9} {'faults':>6} {'runs':>9} {'seconds':>7} {'runs/s':>6}  findings", flush=True
    )
    total, rows = Tally(), list[tuple[str, str, str, str]]()
    with ProcessPoolExecutor() as pool:
        for name in (name for name in names if name != LEDGER):
            begun, tally = time.monotonic(), Tally()
            work, parts, faults = _work(name)
            for i, part in enumerate(pool.map(work, range(parts)), start=1):
                tally.add(part)
                _progress(f"{name}: {i:,} of {parts:,} parts, {tally.runs:,} runs")
            seconds = time.monotonic() - begun
            _print(name, faults, tally, seconds)
            rows.append((name, f"{tally.scenarios:,}", f"{tally.runs:,}", f"{seconds:,.0f}"))
            total.add(tally)
        print(f"{total.runs:,} runs", flush=True)
        ledger = interleavings.prove(pool) if LEDGER in names else None
    found = bool(total.findings) or (ledger is not None and not ledger.holds)
    if ledger and not found and set(names) == {*NAMES}:
        figures.write(rows, ledger)
    return not found


def _work(name: str) -> tuple[Callable[[int], Tally], int, str]:
    """What to do for each part of a search, how many parts there are, and how many faults strike at once."""
    if name == RANDOM:
        return try_seeds, SEEDS // BLOCK, "0-4"
    if name == RELAY:
        return let_die, len(listed(name)), "0-1"
    return partial(search, name), len(listed(name)), str(SEARCHES[name].depth)


def _progress(text: str) -> None:
    """One line that is written over, where somebody looks."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _print(name: str, faults: str, tally: Tally, seconds: float) -> None:
    _progress("")
    speed = tally.runs / seconds
    line = f"{name:<8} {tally.scenarios:>9,} {faults:>6} {tally.runs:>9,} {seconds:>7.0f} {speed:>6.0f}"
    print(line, f" {len(tally.findings) or 'none'}", flush=True)
    for seed, text in tally.findings:
        print(f"\n--seed {seed}\n{text}\n", flush=True)


def show(seed: str) -> bool:
    """Print the run of a seed; returns whether it breaks no rule."""
    name, *numbers = seed.split("-")
    if name == LEDGER:
        return interleavings.show(int(numbers[0]))
    if name == RANDOM:
        case = Case.of_seed(int(numbers[0]))
        scenario, faults = case.scenario, case.faults
        run, finding = case.run()
    elif name == RELAY:
        scenario = listed(name)[int(numbers[0])]
        died = deaths.follow(scenario, (int(numbers[1]), int(numbers[2])))
        faults, run, finding = died.faults, died.run, died.finding
    else:
        scenario = listed(name)[int(numbers[0])]
        found = follow(scenario.runner(), map(int, numbers[1:]))
        faults, run, finding = found.faults, found.run, judged(scenario, found.faults, found.run)
    print(finding or Finding(scenario, faults, [f"ends {run.ending}"], run))
    return finding is None


def measure() -> bool:
    """Print how many sagas a second are simulated; the best of some rounds, since a machine has other things to do."""
    for shape, style in product(("TTT", "XXX"), STYLES):
        with simulation(saga(shape), style) as simulated:
            fastest = max(_speed(simulated) for _ in range(ROUNDS))
        print(f"{shape} {style:<13} {fastest:>6.0f} sagas a second")
    return True


def _speed(simulated: Simulation) -> float:
    begun = time.perf_counter()
    for _ in range(BLOCK):
        simulated.run()
    return BLOCK / (time.perf_counter() - begun)


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
