"""Transitions, events, messages, invocations and requests: counted, the same on every machine."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench.baselines import executed, idempotent
from bench.figures import Chart, Line, Result, Target
from bench.units import write_units
from cdk_saga import Retry, Saga, Step
from cdk_saga.testing import Crash, Duplicate, Fault, Run
from cdk_saga.testing.services.requests import Request
from cdk_saga.testing.world import LEDGER, World
from emulator.instance import Emulator
from simulation.participants import simulation

TITLE: Final = "Transitions and requests"
ABOUT: Final = """\
Ours is counted in the simulator, which runs the real runtime and the real renderings. The hand-written chain of L2
tasks (`LambdaInvoke`, each caught into its cancelling task, and a `Succeed`, which a careful engineer would leave out:
one transition less) is synthesized by CDK and run on the local AWS. The other rival is a participant on Powertools'
`@idempotent`, its requests seen by botocore's events. A step writes twice, a stock and a booking; the failing sagas
fail at each of their steps once, without further attempts, and are added up. What is more atomic is billed double: one
transaction is fewer requests and more write units than three requests one after the other. Our write units include
those of the ledger's two indexes."""
SIZES: Final = (3, 10, 30)
ONCE: Final = Retry(max_attempts=0)
REQUESTS: Final = "DynamoDB requests"
CHAIN: Final = "L2 chain"
IDEMPOTENT: Final = "@idempotent"


@dataclass(frozen=True)
class Count:
    """What a run took."""

    transitions: int
    events: int
    messages: int
    invocations: int
    requests: int
    units: int
    ledger_units: int
    index_units: int
    running_units: int


def measure() -> Result:
    """Count ours and the rivals'."""
    rows = {steps: (counted(steps, "orchestrated"), counted(steps, "choreographed")) for steps in SIZES}
    with Emulator.start(wait_scale=0) as emulator:
        chains = {steps: executed.transitions(emulator, steps) for steps in SIZES}
    with idempotent.participant() as deliver:
        lines = [*_whole(rows, chains, deliver), *_single(deliver)]
        each, _ = deliver("another")
    series = {
        IDEMPOTENT: [(steps, steps * each) for steps in SIZES],
        "ours": [(steps, rows[steps][0].requests) for steps in SIZES],
    }
    chart = Chart(name="requests", title="DynamoDB requests of a happy saga", x="steps", y=REQUESTS, series=series)
    return Result(lines=lines, charts=[chart], facts={"per_saga": facts()})


def counted(
    steps: int,
    style: Any,
    given: dict[str, Any] | None = None,
    participant: str = "own",
    faults: Sequence[Fault] = (),
) -> Count:
    """Run a saga of so many steps and count."""
    asked = list[tuple[str, Request]]()
    simulated = simulation(_saga(steps, participant), style)
    fill = simulated.prepare

    def prepare(world: World) -> None:
        fill(world)
        land = world.functions.land

        def noted(request: Request, label: tuple[str, int], number: int, role: str = "") -> Any:
            asked.append((label[0], request))
            return land(request, label, number, role)

        world.functions.land = noted

    simulated.prepare = prepare
    run = simulated.run(given or {}, faults=faults)
    return _count(run, [request for task, request in asked if task != "recovery"])


def _count(run: Run, asked: list[Request]) -> Count:
    invoked = sum(number for task, number in run.world.functions.invocations.items() if task != "recovery")
    writes = [request for request in asked if request.service == "dynamodb"]
    return Count(
        # Nothing is tried again, so each task state was entered once for each invocation; a failing end is one more.
        transitions=invoked + (run.ending != "COMPLETED"),
        events=len(run.world.bus.events),
        messages=invoked,
        invocations=invoked,
        requests=len(writes),
        units=sum(write_units(request.operation, request.parameters) for request in writes),
        ledger_units=sum(write_units(request.operation, request.parameters, LEDGER) for request in writes),
        **_index_units(run),
    )


def _index_units(run: Run) -> dict[str, int]:
    """Write units of the ledger's indexes: one to enter a place, one to leave it; those of the views RUNNING alone."""
    units, watchdog = Counter[str](), 0
    for change in run.world.dynamodb.changes:
        before, after = ((image or {}).get("view", {}).get("S") for image in (change.old, change.new))
        if change.table == LEDGER:
            units.update({view for view in (before, after) if view})
            places = {_place(image) for image in (change.old, change.new)}
            watchdog += len(places - {None}) if len(places) > 1 else 0
    return {
        "index_units": units.total() + watchdog,
        "running_units": sum(n for view, n in units.items() if "#RUNNING#" in view),
    }


def _place(image: Mapping[str, Any] | None) -> tuple[str, ...] | None:
    """Where the watchdog's index has an item."""
    return tuple(str(image[name]) for name in ("wd", "alive")) if image and "wd" in image else None


def failing(steps: int) -> int:
    """Transitions of our sagas, with each step failing once, added up."""
    names = [step.name for step in _saga(steps).all_steps]
    return sum(counted(steps, "orchestrated", {"broken": [f"{name}.action"]}).transitions for name in names)


def facts() -> dict[str, dict[str, int]]:
    """What one saga of three steps takes in each style: what the page about scale counts on."""
    found = {style: counted(3, style) for style in ("orchestrated", "choreographed")}
    return {style: vars(count) for style, count in found.items()}


def _saga(steps: int, participant: str = "own") -> Saga:
    action, compensation = ("do", "undo") if participant == "own" else ("charge", "refund")
    common: dict[str, Any] = {"participant": participant, "action": action, "compensation": compensation}
    one = [Step(f"step{i}", retry=ONCE, compensation_retry=ONCE, **common) for i in range(steps)]
    return Saga("order", one)


def _whole(rows: dict[int, tuple[Count, Count]], chains: dict[int, tuple[int, int]], deliver: Any) -> Iterator[Line]:
    """Whole sagas."""
    requests, units = deliver("whole")
    for steps, (orchestrated, choreographed) in rows.items():
        what = f"{steps} steps"
        way_back = sum(2 * k + 1 for k in range(1, steps + 1))
        yield Line(
            what=f"{what}, happy", unit="state transitions", against=CHAIN, rival=chains[steps][0],
            ours=orchestrated.transitions, floor=steps, target=Target(steps),
        )  # fmt: skip
        yield Line(
            what=f"{what}, failing at each step", unit="state transitions", against=CHAIN, rival=chains[steps][1],
            ours=failing(steps), floor=way_back, target=Target(way_back),
        )  # fmt: skip
        yield Line(what=f"{what}, happy", unit="events on the bus", ours=choreographed.events, floor=steps + 1)
        yield Line(what=f"{what}, happy", unit="queue messages", ours=choreographed.messages, floor=steps)
        yield Line(
            what=f"{what}, happy", unit="invocations", against=CHAIN, rival=steps, ours=choreographed.invocations,
            floor=steps,
        )  # fmt: skip
        yield Line(
            what=f"{what}, happy", unit=REQUESTS, against=IDEMPOTENT, rival=steps * requests,
            ours=orchestrated.requests, floor=steps, target=Target(steps),
        )  # fmt: skip
        yield Line(
            what=f"{what}, happy", unit="write units", against=IDEMPOTENT, rival=steps * units,
            ours=orchestrated.units + orchestrated.index_units,
        )  # fmt: skip


def _single(deliver: Any) -> Iterator[Line]:
    """Single steps, in both modes."""
    for mode, participant, own in (("own data", "own", True), ("outside", "outside", False)):
        common: dict[str, Any] = {"unit": REQUESTS, "against": IDEMPOTENT}
        once, again, undo = deliver(mode, own=own), deliver(mode, own=own), deliver(mode, "compensation", own=own)
        action = counted(1, "orchestrated", participant=participant).requests
        twice = counted(
            1, "orchestrated", participant=participant, faults=[Duplicate("step0.action", after=60)]
        ).requests
        least = 1 if own else 2
        yield Line(what=f"{mode}: action", rival=once[0], ours=action, floor=least, target=Target(least), **common)
        yield Line(
            what=f"{mode}: action, delivered again",
            rival=again[0],
            ours=twice - action,
            floor=1,
            target=Target(1),
            **common,
        )
        yield Line(
            what=f"{mode}: action and its compensation",
            rival=once[0] + undo[0],
            ours=_rejected(2, participant) - _rejected(1, participant),
            floor=2 * least,
            target=Target(2 * least),
            **common,
        )
    # Killed, the action records nothing: what is left are the requests of its compensation.
    killed = Crash("step0.action", attempt=1, call=1, when="before")
    nothing = counted(1, "orchestrated", faults=[killed]).requests
    yield Line(what="own data: nothing to undo", unit=REQUESTS, ours=nothing, floor=1, target=Target(1))


def _rejected(steps: int, participant: str) -> int:
    """Requests of a saga whose last step is rejected."""
    return counted(steps, "orchestrated", {"rejected": [f"step{steps - 1}"]}, participant).requests
