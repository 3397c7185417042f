"""Cold start: a function's imports and its first call of AWS."""

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any, Final

from bench import aws
from bench.figures import Line, Result, Target
from bench.pairs import ROOT, in_turn, told
from cdk_saga.aws import Bundle
from shop import payload

TITLE: Final = "Cold start"
ABOUT: Final = """\
CPU from the first line of a fresh, isolated Python to the end of the first invocation, which writes to DynamoDB once;
the network and the service are left out, a server on this machine says yes to everything. The floor is bare botocore
doing the same, with boto3 between them what most functions start with. The rival is the handler of Powertools'
documentation: Logger, Tracer, Metrics and Parser. A choreographed step also publishes, with a second client. Not in it
is what an effect takes that writes a float, a list or a map: its first imports boto3's serializer, in 17 ms here."""
PROGRAM: Final = Path(__file__).parents[1] / "children" / "start.py"
CODE: Final = ROOT / "tests" / "bench" / "nothing"
ROUNDS: Final = 11
RIVAL: Final = "Tracer + Parser"
MOST: Final = 1.5
"""MB of a bundle."""


def measure() -> Result:
    """Start everybody in turn."""
    built = Bundle.runtime(CODE)
    bundle = built.folder.resolve()
    with aws.yes() as variables:
        kinds = {
            name: partial(_start, variables, name, *(str(bundle),) * ours)
            for name, ours in (
                ("botocore", False), ("boto3", False), ("usual", False), ("orchestrated", True), ("choreographed", True)
            )
        }  # fmt: skip
        times = in_turn(kinds, ROUNDS)
    common: dict[str, Any] = {"unit": "ms CPU", "against": RIVAL, "rival": times["usual"], "floor": times["botocore"]}
    zipped = built.archive.stat().st_size / 1e6
    lines = [
        Line(what="orchestrated", ours=times["orchestrated"], target=Target(1.1, "floor"), **common),
        Line(what="choreographed", ours=times["choreographed"], **common),
        Line(what="boto3 alone", ours=times["boto3"], **common),
        Line(what="bundle, as Lambda unpacks it", unit="MB", ours=_unpacked(bundle)),
        Line(what="bundle, zipped as it is uploaded", unit="MB", ours=zipped, target=Target(MOST)),
    ]
    return Result(lines=lines)


def _start(variables: dict[str, str], kind: str, *bundle: str) -> float:
    path = os.environ.get("PATH", os.defpath)
    command = json.dumps(
        payload("do", first=True, retry={"max_attempts": 3, "interval": 1, "backoff_rate": 2, "max_delay": 60})
    )
    return 1000 * told([sys.executable, "-I", str(PROGRAM), kind, command, *bundle], {"PATH": path, **variables})


def _unpacked(bundle: Path) -> float:
    return sum(file.stat().st_size for file in bundle.rglob("*") if file.is_file()) / 1e6
