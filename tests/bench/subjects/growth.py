"""Growth with the number of steps: what is worse than linear, and why."""

import json
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any, Final

from bench.figures import Chart, Line, Result
from bench.pairs import in_turn
from cdk_saga import Saga, Step
from cdk_saga.plan import compile_saga
from cdk_saga.render import routes, state_machine
from simulation.participants import simulation

TITLE: Final = "Growth with the number of steps"
ABOUT: Final = """\
Microseconds a step should not depend on how many steps there are: the ratio compares the longest saga with one of ten
steps. Compiling is definition to plan to rendering, without CDK; running is a whole saga in the simulator, one
function after the other. One thing does grow faster than the steps: a command carries the results of all steps
before, so a saga's messages together grow with the square of its steps. That is the price of participants that need
no read and no order of their own; it is bounded by the 256 KiB that a saga may carry, which is checked before
anything is committed."""
SIZES: Final = (3, 10, 30, 60, 99)
FEW: Final = SIZES[1]
MANY: Final = SIZES[-1]
ROUNDS: Final = 5


def measure() -> Result:
    """Compile, render and run sagas of every size."""
    kinds: dict[str, Callable[[int], object]] = {"orchestrated": _machine, "choreographed": _routes}
    compiled = {kind: {n: _per_step(partial(work, n), n) for n in SIZES} for kind, work in kinds.items()}
    run = {kind: {n: _runs(kind, n) for n in SIZES} for kind in kinds}
    carried = {n: carries(n) for n in SIZES}
    lines = [
        *(_line(f"{kind}, compiled and rendered", "µs a step", times) for kind, times in compiled.items()),
        *(_line(f"{kind}, run in the simulator", "µs a step", times) for kind, times in run.items()),
        Line(what="choreographed, carried", unit="bytes a message", ours=carried[MANY], floor=carried[FEW]),
    ]
    running = {kind: [(n, median(times[n])) for n in SIZES] for kind, times in run.items()}
    compiling = {f"{kind}, compiled": [(n, median(times[n])) for n in SIZES] for kind, times in compiled.items()}
    return Result(
        lines=lines,
        charts=[
            Chart(name="running", title="A step, run in the simulator", x="steps", y="µs a step", series=running),
            Chart(name="compiling", title="A step, compiled and rendered", x="steps", y="µs a step", series=compiling),
            Chart(
                name="carried",
                title="What a command carries",
                x="steps",
                y="bytes",
                series={"mean": list(carried.items())},
            ),
        ],
    )


def saga_of(steps: int) -> Saga:
    """A saga of so many steps."""
    common: dict[str, Any] = {"participant": "own", "action": "do", "compensation": "undo"}
    return Saga("order", [Step(f"step{i}", **common) for i in range(steps)])


def carries(steps: int) -> float:
    """The mean size of the commands of a happy saga, whose results are one small word each."""
    run = simulation(saga_of(steps), "choreographed").run()
    details = [event.detail for event in run.world.bus.events]
    return sum(map(len, details)) / len(details)


def _line(what: str, unit: str, times: dict[int, list[float]]) -> Line:
    return Line(what=f"{what}: {MANY} steps, the floor is {FEW}", unit=unit, ours=times[MANY], floor=times[FEW])


def _per_step(work: Callable[[], object], steps: int) -> list[float]:
    def timed() -> float:
        begun = time.process_time()
        for _ in range(repetitions):
            work()
        return 1e6 * (time.process_time() - begun) / steps / repetitions

    repetitions = max(1, MANY // steps)
    work()  # the first fills caches for all
    return in_turn({"": timed}, ROUNDS)[""]


def _machine(steps: int) -> str:
    return json.dumps(state_machine(compile_saga(saga_of(steps)), timeouts={"own": 30}))


def _routes(steps: int) -> object:
    return [(route.pattern, route.input_template) for route in routes(compile_saga(saga_of(steps)))]


def _runs(style: Any, steps: int) -> list[float]:
    with simulation(saga_of(steps), style) as simulated:
        return _per_step(simulated.run, steps)
