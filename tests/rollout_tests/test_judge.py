"""The judge of the rollout finds what is wrong; what is right passes it, and its figures are reported."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import islice

import pytest

from rollout import report
from rollout.app import RELEASES
from rollout.judge import Facts, judge
from rollout.plan import KINDS, Key, Planned, sagas
from rollout.run import Deployed, Outcome
from saga_runtime.ledger import SagaState

STEPS = {"v1": ("take", "send"), "v2": ("take", "thank")}
DONE, BACK = ("parcel", "done"), ("parcel", "back")
KIND = {kind.ends: kind for kind in KINDS}


def planned(key: Key, ends: str) -> Planned:
    return Planned(name=key[0], id=key[1], kind=KIND[ends], after=1.0)


@dataclass
class World:
    """A saga that completed by the first version, and one that went back by the second, as they should be."""

    states: dict[Key, SagaState] = field(
        default_factory=lambda: {
            DONE: SagaState({"st": "COMPLETED", "v": "v1", "end": 900}, {step: {"st": "DONE"} for step in STEPS["v1"]}),
            BACK: SagaState({"st": "COMPENSATED", "v": "v2", "end": 300}, {"take": {"st": "UNDONE"}}),
        }
    )
    rows: dict[str, str] = field(default_factory=lambda: {"parcel.done.take": "1", "parcel.done.send": "2"})
    heard: dict[Key, list[str]] = field(
        default_factory=lambda: {DONE: ["saga.completed"], BACK: ["saga.compensated", "saga.compensated"]}
    )
    waiting: dict[str, int] = field(default_factory=lambda: {"Dead": 0})
    running: list[str] = field(default_factory=list[str])

    @property
    def started(self) -> list[Planned]:
        return [planned(DONE, "COMPLETED"), planned(BACK, "COMPENSATED")]

    def found(self) -> list[tuple[Key | None, str]]:
        facts = Facts(states=self.states, rows=self.rows, heard=self.heard, waiting=self.waiting, running=self.running)
        return [(wrong.saga, wrong.what) for wrong in judge(self.started, STEPS, facts)]


def lose_a_saga(world: World) -> None:
    del world.states[DONE]


def leave_a_saga_running(world: World) -> None:
    world.states[DONE].meta["st"] = "RUNNING"


def leave_a_saga_stuck(world: World) -> None:
    world.states[BACK].meta.update(st="COMPENSATING", stuck="take")


def end_otherwise(world: World) -> None:
    world.states[BACK].meta["st"] = "COMPLETED"


def run_by_no_version(world: World) -> None:
    world.states[DONE].meta["v"] = "v9"


def run_by_another_version(world: World) -> None:
    world.states[DONE].meta["v"] = "v2"


def lose_a_row(world: World) -> None:
    del world.rows["parcel.done.send"]


def leave_a_row(world: World) -> None:
    world.rows["parcel.back.take"] = "1"


def write_a_row_of_no_saga(world: World) -> None:
    world.rows["parcel.other.take"] = "1"


def start_a_saga_of_nobody(world: World) -> None:
    world.states["parcel", "other"] = SagaState({"st": "COMPLETED"}, {})


def publish_nothing(world: World) -> None:
    world.heard.pop(DONE)


def publish_two_endings(world: World) -> None:
    world.heard[BACK].append("saga.stuck")


def leave_a_dead_letter(world: World) -> None:
    world.waiting["Dead"] = 1


def leave_an_execution(world: World) -> None:
    world.running.append("done")


def test_what_is_right_passes() -> None:
    assert World().found() == []


@pytest.mark.parametrize(
    ("harm", "wrong"),
    [
        (lose_a_saga, (DONE, "is in no ending: never began")),
        (leave_a_saga_running, (DONE, "is in no ending: RUNNING")),
        (leave_a_saga_stuck, (BACK, "is in no ending: STUCK")),
        (end_otherwise, (BACK, "ended as COMPLETED, not as COMPENSATED")),
        (run_by_no_version, (DONE, "runs by version v9, which was never deployed")),
        (
            run_by_another_version,
            (DONE, "COMPLETED, and the rows of ['send', 'take'] are there, not those of ['take', 'thank']"),
        ),
        (lose_a_row, (DONE, "the ledger has ['send', 'take'] as DONE, and the rows of ['take'] are there")),
        (leave_a_row, (BACK, "COMPENSATED, and the rows of ['take'] are there, not those of []")),
        (write_a_row_of_no_saga, (None, "row parcel.other.take is of no saga")),
        (start_a_saga_of_nobody, (("parcel", "other"), "was never started")),
        (publish_nothing, (DONE, "COMPLETED, and published was []")),
        (publish_two_endings, (BACK, "COMPENSATED, and published was ['saga.compensated', 'saga.stuck']")),
        (leave_a_dead_letter, (None, "queue Dead holds 1 messages")),
        (leave_an_execution, (None, "execution done runs")),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_wrong_is_found(harm: Callable[[World], None], wrong: tuple[Key | None, str]) -> None:
    world = World()
    harm(world)
    assert wrong in world.found()


def test_every_kind_is_started_in_each_style_in_turn() -> None:
    names = ("a", "b")
    found = list(islice(sagas(names, seed=1), len(KINDS) + 1))
    assert [tuple(saga.name for saga in both) for both in found] == [names] * len(found)
    assert [both[0].kind.what for both in found] == [kind.what for kind in (*KINDS, KINDS[0])]
    assert len({saga.key for both in found for saga in both}) == 2 * len(found)


def outcome() -> Outcome:
    """Two sagas around two deployments, the second of which only one saga saw."""
    world, release = World(), RELEASES[1]
    first = Deployed(release=release, begun=150, ended=180.5, under_way=2, started=7)
    second = replace(first, begun=400, ended=450, release=RELEASES[2])
    done = Outcome(begun=dict.fromkeys(world.started, 100.0), states=world.states, rows=Counter(world.rows.values()))
    done.deployments += [first, second]
    done.counts["start"] = 1234
    return done


def test_the_figures_say_what_each_saga_outlasted() -> None:
    page = report.page(outcome())
    for words in (
        "2 sagas around 2 deployments, on ",
        "Wrong: 0.",
        f"| {RELEASES[1].what} | 30.5 | 2 | 7 |",
        f"| {KIND['COMPLETED'].what} | parcel | `COMPLETED` | 1 | 2 |",
        f"| {KIND['COMPENSATED'].what} | parcel | `COMPENSATED` | 1 | 1 |",
        "| parcel by version `v1` | 1 |",
        "| rows written by code 2 | 1 |",
        "| start | 1,234 |",
    ):
        assert words in page, page
