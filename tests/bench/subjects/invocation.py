"""One invocation: the CPU that the runtime itself takes."""

from typing import Any, Final

from bench import aws
from bench.figures import Line, Result, Target
from bench.pairs import child

TITLE: Final = "One invocation"
ABOUT: Final = """\
CPU of a warm function for one command, AWS left out by clients that do nothing: parsing, checking, the entries of the
ledger, the answer and one line of log. The floor is a function that calls such a client once. The rival is what
botocore takes for one request, which every step makes at least once."""
RIVAL: Final = "one botocore request"
MOST: Final = 0.3
"""ms."""


def measure() -> Result:
    """Measure in a process of its own, whose logs nobody reads."""
    with aws.yes() as variables:
        times: dict[str, list[float]] = child("cpu", variables=variables)
    common: dict[str, Any] = {"against": RIVAL, "rival": times["request"], "floor": times["bare"], "unit": "ms CPU"}
    share = [100 * own / (own + request) for own, request in zip(times["direct"], times["request"], strict=True)]
    return Result(
        lines=[
            Line(what="orchestrated", ours=times["direct"], target=Target(MOST), **common),
            Line(what="choreographed", ours=times["queued"], target=Target(MOST), **common),
            Line(what="orchestrated, of the CPU of a step with one request", unit="%", ours=share),
        ]
    )
