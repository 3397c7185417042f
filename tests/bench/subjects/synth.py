"""Synth: what a step costs whoever runs `cdk synth`, in time, in calls to jsii and in template."""

import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench.figures import Chart, Line, Result, Target
from bench.pairs import child, in_turn

TITLE: Final = "Synth"
ABOUT: Final = """\
A whole process each time: Python's start, the import, the app, `synth()`; CDK's validation of templates, which costs
each app a second, is off for everybody. The rival is the L2 chain with two L2 functions a step. Ours has three
participants that share the steps; *a function a step* has as many participants as steps. `alone` are the calls of the
saga construct without its functions. A saga has at most 99 steps; the chain's 607 resources then do not fit a stack,
and are built all the same.

There are four floors. An *empty app* imports `App` and `Stack`, and has neither function nor table. *One function* is
the least that an app with anything to run can be: it imports CDK's Lambda module, with those it needs in Python and in
Node, and has one `Function` with its code in a folder. *All but the saga* has the participants, the ledger and the bus
of our app, so that what the saga itself takes is left. *Plain data* are the very resources of our template, each one
`CfnResource` with its properties as JSON: the least that a CDK app in Python can take for them, whoever writes it, and
what an added step cannot be below.

So no app with a function is within 1.35 times an empty one, and ours is not; a saga is within 1.35 times the app
without it. No call is made for a step of an orchestrated saga. A function stays a CDK `Function`, 10 calls with role,
logs and grants, and a step queue of a choreographed saga a `Queue`, a `Rule` and an `EventSourceMapping`, 13 calls and
two step queues a step, since users grant to, measure and depend on these; 2.5 ms a step are below plain data for
either."""
SIZES: Final = (3, 10, 30, 99)
LARGEST: Final = SIZES[-1]
SMALLEST: Final = SIZES[0]
FITTING: Final = SIZES[:3]
"""A choreographed saga of 99 steps is more than a stack may have."""
RIVAL: Final = "L2 chain"
ROUNDS: Final = 5
Apps = Mapping[tuple[str, int], dict[str, Any]]
Times = Mapping[tuple[str, int], list[float]]
KINDS: Final = {
    "chain": SIZES,
    "orchestrated": SIZES,
    "orchestrated-alone": (SMALLEST, LARGEST),
    "choreographed": FITTING,
}
PLAIN: Final = {
    "orchestrated": (LARGEST,),
    "orchestrated-alone": (SMALLEST, LARGEST),
    "choreographed": (SMALLEST, FITTING[-1]),
}
"""The apps whose resources are built of plain data too."""
WHOLE: Final = {"orchestrated": LARGEST, "choreographed": FITTING[-1]}
"""The sagas of which a whole app is compared."""
EMPTY: Final = ("empty", 0)
FUNCTION: Final = ("function", 0)


def measure() -> Result:
    """Build every app once a round."""
    apps: dict[tuple[str, int], dict[str, Any]] = {}

    def build(kind: str, steps: int, *arguments: object) -> float:
        begun = time.perf_counter()
        apps[kind, steps] = child("apps", *(arguments or (kind, steps)))
        return time.perf_counter() - begun

    with TemporaryDirectory() as scratch:
        floors = [EMPTY, FUNCTION, *((_without(style), steps) for style, steps in WHOLE.items())]
        wanted: dict[tuple[str, int], tuple[object, ...]] = dict.fromkeys(floors, ())
        for kind, steps in ((kind, steps) for kind, sizes in KINDS.items() for steps in sizes):
            template = Path(scratch, f"{kind}-{steps}.json")
            also_plain = steps in PLAIN.get(kind, ())
            wanted[kind, steps] = (kind, steps, template) if also_plain else ()
            if also_plain:
                wanted[_plain(kind), steps] = ("plain", steps, template)
        builds = {f"{kind} {steps}": partial(build, kind, steps, *how) for (kind, steps), how in wanted.items()}
        taken = in_turn(builds, ROUNDS)
    times = dict(zip(wanted, taken.values(), strict=True))
    lines = [*_times(times), *_calls(apps), *_sizes(apps)]
    return Result(lines=lines, charts=[_chart("synth", "Synth", "seconds", times), _bytes(apps)])


def _plain(kind: str) -> str:
    return f"{kind}, plain data"


def _without(style: str) -> str:
    return f"{style}-without"


def _times(times: Times) -> Iterator[Line]:
    for style, largest in WHOLE.items():
        what, ours, rival = f"{style}, {largest} steps", times[style, largest], times["chain", largest]
        near = Target(1.35, "floor") if style == "orchestrated" else None
        yield Line(what=what, unit="s", against=RIVAL, rival=rival, ours=ours)
        for floor, least, target in (
            ("an empty app", times[EMPTY], near),
            ("one function", times[FUNCTION], None),
            ("all but the saga", times[_without(style), largest], near),
            ("plain data", times[_plain(style), largest], None),
        ):
            yield Line(what=f"{what}; the floor is {floor}", unit="s", ours=ours, floor=least, target=target)
    for what, kind, largest in (
        ("orchestrated, an added step", "orchestrated", LARGEST),
        ("orchestrated, a function a step, an added step; the floor is plain data", "orchestrated-alone", LARGEST),
        ("choreographed, an added step; the floor is plain data", "choreographed", FITTING[-1]),
    ):
        rival, ours = (_slope(times, one, largest) for one in ("chain", kind))
        least = _slope(times, _plain(kind), largest) if (_plain(kind), SMALLEST) in times else None
        yield Line(what=what, unit="ms", against=RIVAL, rival=rival, ours=ours, floor=least, target=Target(2.5))


def _calls(apps: Apps) -> Iterator[Line]:
    for what, kind, figure, largest, target in (
        ("orchestrated, an added step", "orchestrated", "calls", LARGEST, None),
        ("orchestrated, alone, an added step", "orchestrated", "saga_calls", LARGEST, Target(0)),
        ("orchestrated, a function a step, an added step", "orchestrated-alone", "calls", LARGEST, None),
        ("choreographed, an added step", "choreographed", "calls", FITTING[-1], None),
    ):
        rival = _growth(apps["chain", SMALLEST], apps["chain", largest], "calls", largest)
        ours = _growth(apps[kind, SMALLEST], apps[kind, largest], figure, largest)
        yield Line(what=what, unit="jsii calls", against=RIVAL, rival=rival, ours=ours, target=target)
    for steps in (SMALLEST, LARGEST):
        machine = apps["orchestrated", steps]["machine_calls"]
        yield Line(what=f"state machine of {steps} steps", unit="jsii calls", ours=machine, target=Target(6))


def _sizes(apps: Apps) -> Iterator[Line]:
    for style, largest, target in (("orchestrated", LARGEST, Target(1700)), ("choreographed", FITTING[-1], None)):
        rival = _growth(apps["chain", SMALLEST], apps["chain", largest], "bytes", largest)
        ours = _growth(apps[style, SMALLEST], apps[style, largest], "bytes", largest)
        yield Line(
            what=f"{style}, an added step",
            unit="bytes of template",
            against=RIVAL,
            rival=rival,
            ours=ours,
            target=target,
        )
    resources = apps["choreographed", FITTING[-1]]["resources"]
    what = f"choreographed, {FITTING[-1]} steps with functions, ledger and bus"
    yield Line(what=what, unit="resources", ours=resources, target=Target(500))


def _slope(times: Times, kind: str, steps: int) -> list[float]:
    """Milliseconds an added step, round by round."""
    small, large = times[kind, SMALLEST], times[kind, steps]
    return [1000 * (b - a) / (steps - SMALLEST) for a, b in zip(small, large, strict=True)]


def _growth(small: dict[str, Any], large: dict[str, Any], figure: str, steps: int) -> float:
    return (large[figure] - small[figure]) / (steps - SMALLEST)


def _chart(name: str, title: str, unit: str, times: Times) -> Chart:
    series = {kind: [(steps, median(times[kind, steps])) for steps in sizes] for kind, sizes in KINDS.items()}
    empty = median(times[EMPTY])
    return Chart(
        name=name, title=title, x="steps", y=unit, series={**series, "empty app": [(0, empty), (LARGEST, empty)]}
    )


def _bytes(apps: Apps) -> Chart:
    series = {kind: [(steps, apps[kind, steps]["bytes"] / 1000) for steps in sizes] for kind, sizes in KINDS.items()}
    return Chart(name="template", title="Template", x="steps", y="kB", series=series)
