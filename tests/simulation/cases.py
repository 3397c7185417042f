"""Random cases: a saga, what it is asked to do, the faults that strike it and the order in which things happen."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Final

from cdk_saga.testing import (
    Cancel,
    Crash,
    Delay,
    Duplicate,
    Fault,
    LostReply,
    NotTaken,
    Run,
    Schedule,
    Slow,
    Throttled,
)
from simulation import deeds
from simulation.participants import simulation
from simulation.search import STYLES, Finding, Scenario, judged, requests
from simulation.shapes import GROUPS, WAITING, saga

MAX_STEPS: Final = 6
MAX_FAULTS: Final = 4
DOING: Final = 0.2
"""The share of cases in which a handler does a deed of its own."""


@dataclass(frozen=True)
class Case:
    """A scenario, the faults that strike it, and the seed of its schedule."""

    scenario: Scenario
    faults: Sequence[Fault]
    seed: int

    @classmethod
    def of_seed(cls, seed: int) -> "Case":
        """The same case for the same seed."""
        draw = random.Random(seed)  # noqa: S311 # repeatable, not secret
        return cls(_scenario(draw), [_fault(draw) for _ in range(draw.randint(0, MAX_FAULTS))], seed)

    def run(self) -> tuple[Run, Finding | None]:
        """Run it and judge it."""
        scenario = self.scenario
        simulated = simulation(saga(scenario.shape, attempts=scenario.attempts), scenario.style, scenario.stock)
        schedule = Schedule.seeded(self.seed, interleaved=self.seed % 3 > 0)
        run = simulated.run(dict(scenario.given), faults=self.faults, schedule=schedule)
        return run, judged(scenario, self.faults, run)


def _scenario(draw: random.Random) -> Scenario:
    shape = draw.choice([*GROUPS, *WAITING, *(_sequence(draw) for _ in range(2 * len(GROUPS)))])
    asked = deeds.requests(shape, (*deeds.DEEDS, deeds.SLOW)) if draw.random() < DOING else requests(shape)
    given = draw.choice(list(asked))
    return Scenario(shape, draw.choice(STYLES), given, stock=draw.choice((1, 2)), attempts=draw.choice((0, 1, 2, 9)))


def _sequence(draw: random.Random) -> str:
    codes = [draw.choice(("T", "T", "X", "X", "T°", "X°")) for _ in range(draw.randint(1, MAX_STEPS))]
    pivot, waiting = draw.randrange(2 * len(codes)), draw.randrange(2 * len(codes))
    marks = ((i == pivot) * "!" + (i == waiting) * "?" for i in range(len(codes)))
    return "".join(code + mark for code, mark in zip(codes, marks, strict=True))


def _fault(draw: random.Random) -> Fault:
    step = draw.choice(ascii_lowercase[:MAX_STEPS])
    task = draw.choice([f"{step}.action", f"{step}.action", f"{step}.compensation", "recovery"])
    attempt, call = draw.choice((1, 1, 1, 2, 3)), draw.randint(1, 6)
    side = draw.choice(("before", "after"))
    faults: list[Callable[[], Fault]] = [
        lambda: Crash(task, attempt=attempt, call=call, when=side),
        lambda: LostReply(task, attempt=attempt, call=call),
        lambda: Throttled(task, attempt=attempt, call=call, times=draw.choice((1, 9))),
        lambda: Slow(task, attempt=attempt, call=call, seconds=draw.choice((1, 5, 20, 100)), when=side),
        lambda: NotTaken(task, attempt=attempt, call=call),
        lambda: Duplicate(task, attempt=attempt, after=draw.choice((0, 3, 30, 2000))),
        lambda: Duplicate(task, attempt=attempt, after=draw.choice((0, 3, 30, 2000)), kind="redelivery"),
        lambda: Delay(task, attempt=attempt, seconds=draw.choice((5, 100, 1000))),
        lambda: Cancel(task, attempt=attempt, call=call),
    ]
    return draw.choice(faults)()
