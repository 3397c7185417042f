"""Dead letters that are redriven again and again without success, all delivered twice: they do not multiply."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Final

from cdk_saga.testing import ControlOperation, Crash, Duplicate, Fault, Run, Slow
from simulation.search import Finding, Scenario, Tried, judged
from simulation.shapes import saga

SHAPES: Final = ("TT", "XT", "T!T", "T!X", "(T|X)T", "TXT~")
ROUNDS: Final = 3
APART: Final = 10_000.0
"""Seconds between two redrives: all is quiet again."""
BREATH: Final = 5.0
"""Seconds that a request takes: a delivery is through meanwhile, and recovery has not been killed."""
MOST: Final = 60
"""Deliveries of a task: more than there are."""


def scenarios(shapes: Iterable[str]) -> Iterator[Scenario]:
    """Choreographed sagas that are stuck, as only there messages wait; what waits is redriven again and again."""
    redrives = tuple(ControlOperation("redrive", APART * (i + 1)) for i in range(ROUNDS))
    for shape in shapes:
        steps = saga(shape).all_steps
        back = {"rejected": [steps[-1].name], "broken": [f"{step.name}.compensation" for step in steps[:-1]]}
        given = {"broken": [f"{steps[-1].name}.action"]} if steps[0].pivot else back
        yield Scenario(shape, "choreographed", given, attempts=0, operations=redrives)


def search(scenario: Scenario, every: int = 1) -> Iterator[Tried]:
    """Run a scenario with everything twice; then again with each fault of recovery besides, or one in ``every``."""
    run, copies = scenario.runner(), twice(scenario)
    calm = run(copies)
    for i, faults in enumerate(chain([()], ((fault,) for fault in islice(_of_recovery(calm), 0, None, every)))):
        struck = run((*copies, *faults)) if faults else calm
        finding = judged(scenario, (*copies, *faults), struck) or _too_many(scenario, faults, struck)
        yield Tried((i,), scenario, faults, struck, finding)


def twice(scenario: Scenario) -> tuple[Fault, ...]:
    """Every delivery of what is stuck happens twice, and so does every one to recovery; a copy is not copied."""
    return tuple(
        Duplicate(task, attempt=n) for task in (*scenario.given["broken"], "recovery") for n in range(1, MOST, 2)
    )


def _of_recovery(run: Run) -> Iterator[Fault]:
    """At each of its requests: it dies there, or that takes so long that others go on."""
    for entry in run.trace.requests():
        if entry.task == "recovery":
            for when in ("before", "after"):
                yield Crash("recovery", attempt=entry.attempt, call=entry.call, when=when)
                yield Slow("recovery", attempt=entry.attempt, call=entry.call, seconds=BREATH, when=when)


def _too_many(scenario: Scenario, faults: tuple[Fault, ...], run: Run) -> Finding | None:
    """One dead letter waits for each step that keeps failing; a fault may leave another of each, copies may not."""
    dead_letters, most = len(run.dead_letters), len(scenario.given["broken"]) * (1 + len(faults))
    if run.ending == "STUCK" and not 1 <= dead_letters <= most:
        return Finding(
            scenario, faults, [f"{dead_letters} dead letters wait after {ROUNDS} redrives, not 1 to {most}"], run
        )
    return None
