"""What the tests search: sagas, what they are asked to do, and the faults that strike them meanwhile."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cdk_saga import Parallel
from cdk_saga.testing import Cancel, ControlOperation, Fault, NoConcurrency, Run, Simulation, Stop, explore, violations
from simulation import deeds
from simulation.participants import effects, raised, simulation
from simulation.shapes import FEW, WAITS, saga

STYLES: Final = ("choreographed", "orchestrated")
YES: Final = ("complete", 50)
LONG_OVER: Final = 4000
"""Seconds after which no attempt can wait any more."""
SAME_LATER: Final = ("complete", LONG_OVER)
ANSWERS: Final[Mapping[str, tuple[tuple[str, float], ...]]] = {
    "yes": (YES,),
    "no": (("reject", 50),),
    "nobody answers": (),
    "yes, twice": (YES, ("complete", 60)),
    "no, twice": (("reject", 50), ("reject", 60)),
    "yes and no": (YES, ("reject", 50)),
    "no and yes": (("reject", 50), ("complete", 60)),
    "yes, when the time is over": (("complete", WAITS),),
    "yes, too late": (("complete", WAITS + 50),),
    "no, too late": (("reject", WAITS + 50),),
    "yes, when all is over": (SAME_LATER,),
    "at once": (("complete", 0),),
}
"""What a step that waits may be told: which answer, and how many seconds after it has asked."""
OF_DYNAMODB: Final = ("GetItem", "PutItem", "UpdateItem", "TransactWriteItems", "Query")


@dataclass(frozen=True)
class Scenario:
    """A saga in one style, and what it is asked to do.

    Attributes:
        shape: the saga, see `shapes`.
        style: how it is rendered.
        given: the input, see `participants`.
        stock: pieces in stock for each step.
        attempts: further attempts of each task.
        orders: what people tell it on the way.
    """

    shape: str
    style: Any
    given: Mapping[str, Any] = field(default_factory=dict[str, Any])
    stock: int = 2
    attempts: int = FEW
    operations: tuple[ControlOperation, ...] = ()

    def simulated(self) -> Simulation:
        """Its simulation; entered, it is prepared for many runs at once."""
        return simulation(saga(self.shape, attempts=self.attempts), self.style, self.stock)

    def runner(self, simulated: Simulation | None = None) -> Callable[[Sequence[Fault]], Run]:
        """Runs it with certain faults, by its own simulation unless told otherwise."""
        simulated = simulated or self.simulated()
        return lambda faults: simulated.run(dict(self.given), faults=faults, operations=self.operations)

    def __str__(self) -> str:
        return f"{self.shape} {self.style}, {dict(self.given) or 'happy'}, {self.stock} in stock"


@dataclass(frozen=True)
class Finding:
    """A run that did what no run may do."""

    scenario: Scenario
    faults: Sequence[Fault]
    problems: Sequence[str]
    run: Run

    def __str__(self) -> str:
        struck = "".join(f"  struck by {fault}\n" for fault in self.faults)
        return f"{self.scenario}\n{struck}  " + "\n  ".join(self.problems) + f"\n{self.run.trace}"


@dataclass(frozen=True)
class Tried:
    """A run of a search.

    Attributes:
        path: where the search comes by it, in numbers.
        scenario: what was run.
        faults: what went wrong.
        run: what came of it.
        finding: what is wrong with that, if anything is.
    """

    path: tuple[int, ...]
    scenario: Scenario
    faults: Sequence[Fault]
    run: Run
    finding: Finding | None


def judged(scenario: Scenario, faults: Sequence[Fault], run: Run) -> Finding | None:
    """What is wrong with a run, if anything is."""
    problems = [*violations(run, effects(run)), *(() if faults else of_calm(scenario, run))]
    if _few(scenario, faults) and (ending := expected(scenario) or answered(scenario, run)) not in ("", run.ending):
        problems.append(f"faults that pass have made it {run.ending} instead of {ending}")
    return Finding(scenario, faults, problems, run) if problems else None


def of_calm(scenario: Scenario, run: Run) -> Iterator[str]:
    """What must hold when nothing goes wrong but what the handlers do."""
    yield from over_budget(scenario, run)
    broken = scenario.given.get("broken", ())
    if "repaired" in scenario.given or scenario.operations or not broken or scenario.given.get("pending"):
        return
    for task, times in raised.items():
        if times != scenario.attempts + 1:
            yield f"{task!r} was executed {times} times, its policy allows {scenario.attempts + 1}"
    told = " ".join(event.detail for event in run.announced)
    for task in raised:
        if not ('"Broken"' in told and task in told):
            yield f"nothing says why {task!r} failed: {told}"


def over_budget(scenario: Scenario, run: Run) -> Iterator[str]:
    """More requests to DynamoDB than an action may make when nothing goes wrong: one for a local effect, two otherwise.

    One more where an attempt failed before, to read how many have; an attempt that fails records that instead.

    The last of a group's branches also looks whether the others are through, and completes the saga for all.
    """
    definition = saga(scenario.shape)
    allowed = {f"{step.name}.action": 1 if step.participant == "own" else 2 for step in definition.all_steps}
    for part in definition.steps:
        for branch in part.branches if isinstance(part, Parallel) else ():
            allowed[f"{branch[-1].name}.action"] += 2
    made = Counter((entry.task, entry.attempt) for entry in run.trace.requests() if entry.what in OF_DYNAMODB)
    for (task, attempt), count in made.items():
        if count > allowed.get(task, count) + (attempt > 1):
            yield f"{task!r} made {count} requests at attempt {attempt}, its budget is {allowed[task] + (attempt > 1)}"


def _few(scenario: Scenario, faults: Sequence[Fault]) -> bool:
    """Whether no task's attempts can be used up, and nobody wants the saga to end otherwise.

    Recovery has attempts of its own, more than one.
    """
    counted = [fault for fault in faults if not isinstance(fault, NoConcurrency)]  # a throttle uses no attempt
    few = len(counted) < scenario.attempts or [fault.task for fault in counted] in ([], ["recovery"])
    return few and not any(isinstance(fault, Cancel | Stop) for fault in faults)


def expected(scenario: Scenario) -> str:
    """How a saga ends that is asked for this; empty where that depends on who is first."""
    if not scenario.given:
        return "COMPLETED"
    if "deeds" in scenario.given and not scenario.operations:
        return deeds.ending(scenario.shape, scenario.given)
    if len(scenario.given) > 1 or scenario.operations:
        return ""
    steps = list(saga(scenario.shape).all_steps)
    ((name,),) = scenario.given.values()
    fails = next(i for i, step in enumerate(steps) if step.name == name.split(".")[0])
    pivot = next((i for i, step in enumerate(steps) if step.pivot), len(steps))
    return "COMPENSATED" if fails <= pivot else "STUCK"


def answered(scenario: Scenario, run: Run) -> str:
    """How a saga ends that only waits for answers, by those that the ledger took; empty where it took too few.

    Whoever brought an answer may have died before he told anybody.
    """
    if scenario.operations or not {"pending"} < {*scenario.given} <= {"pending", "answers", "forgotten"}:
        return ""
    # Only the item of a step that waits says until when.
    changes = [change for change in run.world.dynamodb.changes if change.old and change.new and "due" in change.old]
    if any("err" in (change.new or {}) for change in changes):
        return "COMPENSATED"
    yes = {change.key for change in changes if (change.new or {})["st"] == {"S": "DONE"}}
    return "COMPLETED" if len(yes) == len(scenario.given["pending"]) else ""


def search(scenario: Scenario, depth: int) -> Iterator[tuple[Sequence[Fault], Run, Finding | None]]:
    """Run a scenario with every combination of up to `depth` faults, and judge each run."""
    for found in explore(scenario.runner(), depth):
        yield found.faults, found.run, judged(scenario, found.faults, found.run)


def requests(shape: str) -> Iterator[dict[str, Any]]:
    """Everything a saga may be asked to do: succeed, be rejected, break on its way there or back, wait for answers."""
    names = [step.name for step in saga(shape).all_steps]
    yield {}
    for i, name in enumerate(names):
        yield {"rejected": [name]}
        yield {"broken": [f"{name}.action"]}
        yield from ({"rejected": [name], "broken": [f"{earlier}.compensation"]} for earlier in names[:i])
    yield from _questions(shape)


def _questions(shape: str) -> Iterator[dict[str, Any]]:
    """For sagas with steps that wait: every way of answering; and a no after the yes, perhaps with broken undoing."""
    names = [step.name for step in saga(shape).all_steps]
    asking = [step.name for step in saga(shape).all_steps if step.callback_timeout]
    if not asking:
        return
    for answers in ANSWERS.values():
        yield {"pending": asking, "answers": [[name, *answer] for name in asking for answer in answers]}
    yes = {"pending": asking, "answers": [[name, *YES] for name in asking]}
    again = {"pending": asking, "answers": [[name, *answer] for name in asking for answer in (YES, SAME_LATER)]}
    yield {**yes, "forgotten": True}
    for name in names:
        if name not in asking:
            yield {**yes, "rejected": [name]}
            yield {**again, "rejected": [name], "broken": [f"{one}.compensation" for one in asking]}


def scenarios(shapes: Iterable[str], styles: Sequence[str] = STYLES) -> Iterator[Scenario]:
    """Every scenario of some shapes."""
    for shape in shapes:
        for style in styles:
            for given in requests(shape):
                yield Scenario(shape, style, given)
            yield Scenario(shape, style, stock=1)


def skipped(shape: str) -> Sequence[Scenario]:
    """Sagas whose first step cannot be undone, and is skipped."""
    given = {"rejected": [saga(shape).all_steps[-1].name], "broken": ["a.compensation"]}
    operations = (ControlOperation("skip", LONG_OVER, step="a", reason="by phone"),)
    return [Scenario(shape, style, given, operations=operations) for style in STYLES]
