"""The bench on which scenarios are tried out: one simulation for each style, and a watch over all of them."""

import copy
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from typing import Any, Final, Self, cast

from cdk_saga.testing.check.own_clients import kept_inside
from cdk_saga.testing.check.providers import AT, Silent, in_place
from cdk_saga.testing.check.recorder import REPAIRED, Call, HandlerRecorder, Touch
from cdk_saga.testing.check.scenarios import Scenario
from cdk_saga.testing.check.state import State, fill, plain, state_of
from cdk_saga.testing.check.subject import CheckError, Provider, Style, Subject, Table
from cdk_saga.testing.faults import Duplicate, Fault, LostReply, RequestFault, Throttled
from cdk_saga.testing.operations import ControlOperation
from cdk_saga.testing.run import Run
from cdk_saga.testing.schedule import Schedule
from cdk_saga.testing.search import OUTAGE, faults_of
from cdk_saga.testing.simulation import Simulation
from cdk_saga.testing.unsimulated import Unsimulated
from cdk_saga.testing.world import World

Json = dict[str, Any]
ENDED: Final = ("COMPLETED", "COMPENSATED")
RUNTIME: Final = "cdk_saga.testing"
"""The group of entry points under which a runtime says what runs beside the participants."""
NEIGHBOUR: Final = "s-0"
"""The id of the saga that ran before."""
PUBLISHING: Final = ("PutEvents", "GetQueueUrl", "ChangeMessageVisibility")
"""Requests by which a function tells others how it went, or asks to be called later."""
TOGETHER: Final = 2
"""Faults that strike in a random order."""


@dataclass(frozen=True)
class Trial:
    """A scenario, tried out.

    Attributes:
        scenario: which.
        faults: what went wrong besides.
        run: what came of it.
        calls: the handlers' calls, in order.
        touches: the changes that can be seen, in order.
        before: what was there before the saga.
        after: what is there after it.
        asked: the steps that have waited for an answer.
    """

    scenario: Scenario
    faults: Sequence[Fault]
    run: Run
    calls: Sequence[Call]
    touches: Sequence[Touch]
    before: State
    after: State
    asked: frozenset[str]

    @property
    def is_clean(self) -> bool:
        """Whether nothing went wrong."""
        return self.scenario.is_clean and not self.faults


@dataclass(frozen=True)
class InitialState:
    """What is there when a saga begins."""

    tables: Mapping[str, Table]
    providers: Callable[[], Mapping[str, Provider]]


class Runner:
    """Tries scenarios out; to be entered before.

    Args:
        subject: what is checked.
    """

    def __init__(self, subject: Subject) -> None:
        runtime = {point.name: point.load for point in entry_points(group=RUNTIME)}
        if missing := {"recovery", "rejected", "pending"} - runtime.keys():
            raise CheckError(f"no installed distribution offers {sorted(missing)} of {RUNTIME}: install saga-runtime")
        self.subject = subject
        self.watch = HandlerRecorder(subject, runtime["rejected"](), runtime["pending"]())
        self._recovery = runtime["recovery"]()
        self._first = InitialState(subject.tables, lambda: {name: make() for name, make in subject.providers.items()})
        self._start = self._first
        self._providers: Mapping[str, Provider] = {}
        self._simulations: dict[Style, Simulation] = {}
        self._style: Style | None = None
        self._scenario = Scenario("orchestrated", 0)
        self._before: State = {}
        self._neighbours: dict[tuple[Style, int], InitialState] = {}
        self._possible: dict[Scenario, list[Fault]] = {}
        self._left, self._entered = ExitStack(), ExitStack()

    def __enter__(self) -> Self:
        for participant in self.subject.participants.values():
            services: Json = vars(cast(object, participant.services))
            self._left.callback(_restored, services, dict(services))
        self._left.enter_context(in_place(self.subject.providers, self.watch))
        self._left.enter_context(kept_inside(self.watch.client))
        self._left.enter_context(self.watch.watching())
        return self

    def __exit__(self, *_: object) -> None:
        self._entered.close()
        self._left.close()

    def run(self, scenario: Scenario, faults: Iterable[Fault] = ()) -> Trial:
        """Try a scenario out, with faults; a saga that gets stuck is resumed when all is repaired."""
        start = self._after_neighbour(scenario) if scenario.neighbour else self._first
        struck = [*faults, *(self._of_order(scenario) if scenario.order is not None else ())]
        trial = self._once(scenario, start, struck)
        if trial.run.ending in ENDED:
            return trial
        return self._once(scenario, start, struck, operations=[ControlOperation("resume", after=2 * REPAIRED)])

    def _once(
        self,
        scenario: Scenario,
        start: InitialState,
        faults: Sequence[Fault],
        operations: Sequence[ControlOperation] = (),
        id: str = "s-1",
    ) -> Trial:
        self._scenario, self._start = scenario, start
        order = scenario.order
        schedule = Schedule.calm() if order is None else Schedule.seeded(order, interleaved=order % 2 > 0)
        given = copy.deepcopy(self.subject.inputs[scenario.input])
        run = self._simulation(scenario.style).run(
            given, faults=faults, operations=operations, schedule=schedule, saga_id=id
        )
        if denied := run.world.functions.denied:
            raise Unsimulated(
                f"{denied[0]}: queues, buses and state machines of a handler's own are not simulated, "
                "hand over what calls them in providers"
            )
        after = state_of(self.subject, run.world, self._providers)
        asked = frozenset(self.watch.people.asked)
        return Trial(
            scenario, faults, run, self.watch.calls, self.watch.touches, self._before, copy.deepcopy(after), asked
        )

    def _simulation(self, style: Style) -> Simulation:
        if style not in self._simulations:
            self._simulations[style] = Simulation(
                saga=self.subject.saga,
                participants=self.subject.participants,
                recovery=self._recovery(),
                style=style,
                prepare=self._prepare,
                environment=self.subject.environment,
            )
        if style != self._style:
            self._entered.close()  # each has its own variables
            self._style = style
            self._entered.enter_context(self._simulations[style])
        return self._simulations[style]

    def _prepare(self, world: World) -> None:
        self._providers = self._start.providers()
        for name, table in self._start.tables.items():
            fill(world, name, table)
        self._before = copy.deepcopy(state_of(self.subject, world, self._providers))
        self.watch.begin(world, self._providers, self._scenario)

    def _after_neighbour(self, scenario: Scenario) -> InitialState:
        """What another saga with the same input has left, completed without faults."""
        key = scenario.style, scenario.input
        if key not in self._neighbours:
            world, first = self._once(Scenario(*key), self._first, (), id=NEIGHBOUR).run.world, self._first.tables
            tables = {name: replace(table, items=_plain_items(world, name)) for name, table in first.items()}
            providers = copy.deepcopy(self._providers)
            self._neighbours[key] = InitialState(tables, lambda: copy.deepcopy(providers))
        return self._neighbours[key]

    def _of_order(self, scenario: Scenario) -> Iterator[Fault]:
        """Every task twice, and two faults of those that can strike the calm run."""
        calm = replace(scenario, order=None)
        if calm not in self._possible:
            self._possible[calm] = list(faults_at(self._once(calm, self._first, ())))
        possible, draw = self._possible[calm], random.Random(scenario.order)  # noqa: S311 # repeatable, not secret
        for task in dict.fromkeys(fault.task for fault in possible):
            yield Duplicate(task, after=draw.choice((0.0, 3.0, 30.0, 2000.0)))
        yield from draw.sample(possible, min(TOGETHER, len(possible)))


def faults_at(trial: Trial) -> Iterator[Fault]:
    """Every single fault at which the handlers matter; those of recovery, bus and queues have tests of cdk-saga's own.

    A provider's client does not ask again by itself, as boto3 does.
    """
    what = {(entry.task, entry.attempt, entry.call): entry.what for entry in trial.run.trace.requests()}
    for _, fault in faults_of(trial.run):
        request = what[fault.task, fault.attempt, fault.call] if isinstance(fault, RequestFault) else ""
        if fault.task == "recovery" or request in PUBLISHING or fault in _twice(fault):
            continue
        if AT not in request:
            yield fault
        elif isinstance(fault, LostReply):
            yield Silent(fault.task, attempt=fault.attempt, call=fault.call)
        elif not isinstance(fault, Throttled):
            yield fault


def _twice(fault: Fault) -> Iterator[Fault]:
    """What handlers cannot tell from another fault."""
    if isinstance(fault, Duplicate):
        yield replace(fault, kind="redelivery")
    if isinstance(fault, Throttled):
        yield replace(fault, times=OUTAGE)


def _restored(now: Json, before: Json) -> None:
    """Give services back the AWS that they had."""
    now.clear()
    now.update(before)


def _plain_items(world: World, name: str) -> list[Json]:
    return [plain(item) for item in world.dynamodb.items(name).values()]
