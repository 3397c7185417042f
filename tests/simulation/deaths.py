"""Recovery dies at every delivery of a message, so that it becomes a dead letter, which the operator then redrives."""

from collections.abc import Iterator
from typing import Final

from cdk_saga.testing import Crash, Fault, Run, explore
from simulation.search import Scenario, Tried, judged

Deaths = tuple[Crash, ...]
DEATHS: Final = {"choreographed": 36, "orchestrated": 16}
"""In a row: as many as a command that failed is delivered at most, and an event that AWS Lambda repeats twice."""
SIDES: Final = ("before", "after")


def search(scenario: Scenario) -> Iterator[Tried]:
    """Run a scenario with every fault or none, and let recovery die in each way at whatever it is asked then.

    A path is the number of the run before, among those with one fault or none; then that of the deaths among its own.
    """
    for i, found in enumerate(explore(scenario.runner(), 1)):
        yield from _dying(scenario, i, found.faults, found.run)


def dying(scenario: Scenario) -> Iterator[Tried]:
    """As :func:`search`, without any other fault."""
    return _dying(scenario, 0, (), scenario.runner()(()))


def _dying(scenario: Scenario, number: int, faults: tuple[Fault, ...], run: Run) -> Iterator[Tried]:
    runner = scenario.runner()
    for i, deaths in enumerate(dict.fromkeys(_deaths(run, DEATHS[scenario.style]))):
        struck = (*faults, *deaths)
        dead = runner(struck)
        yield Tried((number, i), scenario, struck, dead, judged(scenario, struck, dead))


def _deaths(run: Run, number: int) -> Iterator[Deaths]:
    """At each request: recovery dies there; at further deliveries there too, or as soon as it has begun."""
    for entry in run.trace.requests():
        if entry.task == "recovery":
            for when in SIDES:
                first = Crash("recovery", attempt=entry.attempt, call=entry.call, when=when)
                again = range(entry.attempt + 1, entry.attempt + number)
                yield (first, *(Crash("recovery", attempt=i, call=entry.call, when=when) for i in again))
                yield (first, *(Crash("recovery", attempt=i, call=1, when="before") for i in again))
