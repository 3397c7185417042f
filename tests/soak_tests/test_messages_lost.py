"""What the soak orders when messages were stolen: for the sagas concerned alone, so that its checks can still fail."""

from collections import Counter, defaultdict
from types import SimpleNamespace
from typing import Any, cast

import pytest

from saga_runtime.client import ListedSaga, OperationRefused, RecoveryFailed, Target
from soak import operator, settling
from soak.event_recorder import Heard
from soak.scene import Scene
from soak.settling import until_told

NAME = "trip-by-events"
TARGET = Target(name=NAME, version="v1", style="choreographed", where="bus")


def ended(saga_id: str, state: str) -> ListedSaga:
    return ListedSaga(
        saga=NAME,
        id=saga_id,
        version="v1",
        state=state,
        words=state.lower(),
        started=0,
        ended=1,
        deadline=None,
        stuck_at="",
        error="",
    )


class World:
    """Four sagas that have ended; what is ordered, and who hears of it."""

    def __init__(self) -> None:
        self.ordered: list[str] = []
        self.started: list[str] = []
        self.refusals: dict[str, list[Exception]] = {}
        self.clock = 0.0
        self.heard: defaultdict[tuple[str, str], list[Heard]] = defaultdict(list)
        self.heard[NAME, "stolen-and-told"].append(Heard("saga.completed"))
        self.heard[NAME, "stolen"].append(Heard("saga.stuck"))
        self.scene = SimpleNamespace(
            seconds=10.0,
            services=None,
            targets={NAME: TARGET},
            robbed={(NAME, "stolen"), (NAME, "stolen-and-told")},
            by_key={(NAME, "stolen"): SimpleNamespace(given={"n": 1})},
            recorder=SimpleNamespace(heard=self.heard, catch_up=lambda: None),
            books=SimpleNamespace(told=self.told),
            counts=Counter[str](),
            note=lambda *_: None,
        )

    def told(self, *key: str) -> bool:
        return any(event.what == "saga.completed" for event in self.heard[key[0], key[1]])

    def list_sagas(self, _target: Target, *, ended_within: int, services: None) -> list[ListedSaga]:
        del services
        assert ended_within >= self.scene.seconds
        return [
            ended(saga_id, "COMPLETED") for saga_id in ("stolen", "stolen-and-told", "unpublished", "unpublished-too")
        ]

    def retry(self, _target: Target, saga_id: str, *, services: None) -> None:
        del services
        self.ordered.append(saga_id)
        if refusals := self.refusals.get(saga_id):
            raise refusals.pop()
        self.heard[NAME, saga_id].append(Heard("saga.completed"))

    def start(self, _target: Target, saga_id: str, given: Any, *, services: None) -> None:
        del services
        self.started.append(saga_id)
        self.heard[NAME, saga_id].append(Heard("saga.completed"))
        assert given == {"n": 1}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    for name in ("list_sagas", "retry", "start"):
        monkeypatch.setattr(operator, name, getattr(world, name))

    def sleep(seconds: float) -> None:
        world.clock += seconds

    monkeypatch.setattr(settling, "time", SimpleNamespace(sleep=sleep, monotonic=lambda: world.clock))
    return world


def told(world: World) -> int:
    until_told(cast(Scene, world.scene))
    return world.scene.counts["endings told only when ordered, as a message was stolen"]


def test_only_what_was_robbed_and_not_heard_is_told_again(world: World) -> None:
    assert told(world) == 1
    assert (world.ordered, world.started) == (["stolen"], [])
    assert not any(world.told(NAME, saga_id) for saga_id in ("unpublished", "unpublished-too"))


def test_nothing_is_ordered_when_everybody_has_heard(world: World) -> None:
    world.heard[NAME, "stolen"].append(Heard("saga.completed"))
    assert (told(world), world.ordered) == (0, [])


def test_an_order_whose_recovery_died_is_repeated(world: World) -> None:
    world.refusals["stolen"] = [RecoveryFailed("it died"), RecoveryFailed("it died")]
    assert (told(world), world.ordered) == (1, ["stolen"] * 3)


def test_what_was_cancelled_before_its_first_message_was_stolen_is_started_again(world: World) -> None:
    world.refusals["stolen"] = [OperationRefused("was cancelled before it began")]
    assert (told(world), world.started) == (1, ["stolen"])


def test_what_stays_unheard_is_left_to_the_checks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operator, "retry", lambda *_args, **_options: None)
    assert told(world) == 1
    assert world.clock >= settling.HEARD
