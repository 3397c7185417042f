"""Both styles side by side, each course of each counted in simulated time."""

from typing import Any, Final, Literal

from cdk_saga import Saga
from cdk_saga.cost import Assumptions, Comparison, Line, Usage
from cdk_saga.plan import compile_saga
from cdk_saga.testing import Crash, Fault, Simulation
from saga_cli.simulated import stand_ins
from saga_cli.simulated.counts import Counts, counting
from saga_cli.simulated.paths import ExecutionPath, execution_paths
from saga_runtime.recovery import Recovery

Style = Literal["choreographed", "orchestrated"]
ATTEMPTS: Final = 200
"""More than any queue delivers a message."""
FILLER: Final = 2
"""Bytes that an input takes besides its text."""


def compare(saga: Saga, assumptions: Assumptions | None = None) -> Comparison:
    """Price every course of a saga in both styles.

    Args:
        saga: the definition.
        assumptions: what it does not say; 256 MiB and 100 ms by default, every effect in DynamoDB.
    """
    given = assumptions or Assumptions()
    lines = list[Line]()
    for course in execution_paths(saga):
        ending, orchestrated, _ = used(saga, "orchestrated", course, given)
        _, choreographed, _ = used(saga, "choreographed", course, given)
        lines.append(Line(course=course.name, ending=ending, orchestrated=orchestrated, choreographed=choreographed))
    return Comparison(lines=tuple(lines), queues=len(compile_saga(saga).tasks) + 1)  # and that of failed commands


def used(saga: Saga, style: Style, course: ExecutionPath, given: Assumptions) -> tuple[str, Usage, Counts]:
    """How one course ends in a style, what it uses, and as it was counted."""
    simulation = Simulation(
        saga=saga,
        participants=stand_ins.participants(saga, course, given),
        recovery=Recovery(),
        style=style,
        prepare=stand_ins.prepare,
    )
    with counting() as counts:
        run = simulation.run(_input(given), faults=faults(course, given), operations=stand_ins.answers(saga, course))
    return run.ending, counts.usage(run, given), counts


def _input(given: Assumptions) -> dict[str, Any]:
    return {"n": "x" * max(0, given.input_bytes - FILLER)} if given.input_bytes else {}


def faults(course: ExecutionPath, given: Assumptions) -> list[Fault]:
    """What kills the function of the step that times out, at each of its attempts."""
    if course.how != "times out":
        return []
    # At work: with an external effect the claim is there, else nothing is written yet.
    call = 2 if course.step in given.external else 1
    return [Crash(f"{course.step}.action", attempt=n, call=call, when="before") for n in range(1, ATTEMPTS)]
