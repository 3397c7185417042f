"""What `make prove` searches."""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice, product
from typing import Final

from cdk_saga.testing import faults_of
from simulation import dead_letter_search, deaths, deeds, forgeries
from simulation.cases import Case
from simulation.kinds import Drawn, Exhaustive, Search, Special
from simulation.search import STYLES, Scenario, Tried, judged, scenarios
from simulation.shapes import GROUPS, WAITING, saga, sequences

SEEDS: Final = 50_000
PAIRS: Final = 9
"""Drawn in each scenario that has too many."""
TWO: Final = ("TT", "TX", "XT", "XX", "T°T", "TX°", "T!X", "TX!")
ABORTED: Final = ("TX", "XT", "T!X")
THREE: Final = (*map("".join, product("TX", repeat=3)), "TX!T")
DYING: Final = ("T", "X", "T!", "T°")
DYING_TOO: Final = ("T?", "XT", "T!X", "(T|X)")
DOING: Final = ("TX", "XT", "T°X", "(T|X)", "T!X", "X?T")
PART: Final = 3
"""Of those one scenario in so many: each has some thousand runs."""


def hasty(found: Iterable[Scenario]) -> Iterator[Scenario]:
    """Scenarios, each also without any further attempt: then a single fault already uses them up."""
    return chain.from_iterable((scenario, replace(scenario, attempts=0)) for scenario in found)


def happy(shapes: Iterable[str]) -> Iterator[Scenario]:
    """Sagas of some shapes that nothing but faults keeps from completing."""
    return (Scenario(shape, style) for shape in shapes for style in STYLES)


def dying() -> Iterator[Scenario]:
    """What recovery may die at, without any further attempt: most often then it is asked something."""
    found = chain(scenarios(DYING), islice(scenarios(DYING_TOO), 0, None, PART))
    return (replace(one, attempts=0) for one in found)


def aborted(shapes: Iterable[str]) -> Iterator[Scenario]:
    """Sagas of some shapes, each rejected at each step up to its pivot."""
    for shape, style in product(shapes, STYLES):
        steps = saga(shape).all_steps
        pivot = next((i for i, step in enumerate(steps) if step.pivot), len(steps) - 1)
        yield from (Scenario(shape, style, {"rejected": [step.name]}) for step in steps[: pivot + 1])


RICH: Final[dict[str, Callable[[], Iterator[Scenario]]]] = {
    "two": lambda: hasty(scenarios(sequences(2))),
    "three": lambda: hasty(scenarios("".join(modes) for modes in product("TX", repeat=3))),
    "groups": lambda: hasty(scenarios(GROUPS)),
    "waits": lambda: hasty(scenarios(WAITING)),
}
"""Sagas with more pairs of faults than can be tried."""


def hindered() -> Iterator[Scenario]:
    """Those of them that are asked for more than to succeed."""
    return (scenario for listing in RICH.values() for scenario in listing() if scenario.given)


def doing() -> Iterator[Scenario]:
    """Sagas of which a handler does what only an author would think of."""
    listed = ((shape, given) for shape in DOING for given in deeds.requests(shape))
    return (Scenario(shape, style, given, attempts=1) for shape, given in listed for style in STYLES)


def case_of_seed(seed: int) -> Tried:
    """A random case."""
    case = Case.of_seed(seed)
    run, finding = case.run()
    return Tried((seed,), case.scenario, case.faults, run, finding)


def some_pairs(scenario: Scenario) -> Iterator[Tried]:
    """Pairs of faults, drawn always the same, the second at or after the first."""
    draw = random.Random(f"{scenario}, {scenario.attempts}")  # noqa: S311 # repeatable, not secret
    with scenario.simulated() as simulated:
        run = scenario.runner(simulated)
        firsts = list(faults_of(run(())))
        for i in range(PAIRS):
            at, first = draw.choice(firsts)
            seconds = [fault for _, fault in faults_of(run((first,)), at)]
            faults = (first, *draw.sample(seconds, min(1, len(seconds))))
            struck = run(faults)
            yield Tried((i,), scenario, faults, struck, judged(scenario, faults, struck))


SEARCHES: Final[dict[str, Search]] = {
    "one": Exhaustive(lambda: hasty(scenarios(sequences(1))), 1),
    **{name: Exhaustive(listing, 1) for name, listing in RICH.items()},
    "pairs": Exhaustive(lambda: hasty(chain(scenarios(["T", "X"]), happy([*TWO, "(T|X)"]))), 2),
    "aborted": Exhaustive(lambda: hasty(aborted(ABORTED)), 2),
    "pairs3": Exhaustive(lambda: hasty(happy(THREE)), 2),
    "sampled": Special(hindered, some_pairs, "2"),
    "deeds": Exhaustive(doing, 1),
    "recovery": Special(dying, deaths.search, "0-1, deaths"),
    "dead_letters": Special(
        lambda: dead_letter_search.scenarios(dead_letter_search.SHAPES), dead_letter_search.search, "0-1, copies"
    ),
    "forged": Special(lambda: forgeries.scenarios(forgeries.SHAPES), forgeries.search, "forgeries"),
    "random": Drawn(SEEDS, case_of_seed, "0-4"),
}
