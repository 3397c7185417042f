"""One soak from the first start to the last check."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

from demo.deployment import Deployment
from soak import settling, story
from soak.chaos import Chaos
from soak.checks import Wrong, check_all
from soak.customers import Customers
from soak.event_recorder import EventRecorder
from soak.inventory import Inventory, take
from soak.operator import Operator
from soak.plan import plan, shelves
from soak.scene import Scene

MAX_STORIES = 10
"""Sagas of whom everything is told."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of it.

    Attributes:
        scene: what was planned, done and counted.
        seed: of everything drawn.
        concurrency: sagas under way at the same time.
        endings: how many sagas, by name and ending.
        started: seconds until the last saga was started.
        seconds: until all was quiet.
        wrong: what is not as it should be.
        stories: everything about the first sagas with something wrong.
    """

    scene: Scene
    seed: int
    concurrency: int
    endings: Counter[tuple[str, str]]
    started: float
    seconds: float
    wrong: list[Wrong]
    stories: list[str]


def soak(deployment: Deployment, count: int, seed: int, concurrency: int, say: Callable[[str], None]) -> Outcome:
    """Start so many sagas, harm and help them, and judge when all is quiet."""
    scene = Scene(deployment, plan(count, seed), EventRecorder.of(deployment), say)
    prepare(scene)
    deployment.emulator.faults.set(fault for saga in scene.sagas for fault in saga.faults)
    operator, chaos, customers = Operator(scene), Chaos(scene, seed), Customers(scene, concurrency)
    customers.send_all()
    started = scene.seconds
    chaos.stop()
    settling.until_ended(scene, customers)
    operator.stop()
    wrong = list(settling.until_tidy(scene))
    seconds = scene.seconds
    scene.recorder.stop()
    inventory = take(deployment)
    wrong += chain(settling.dead_letters(scene), check_all(scene, inventory))
    scene.counts["faults of the environment that happened"] = deployment.emulator.faults.happened()
    scene.counts["events heard"] = scene.recorder.count
    return Outcome(
        scene=scene,
        seed=seed,
        concurrency=concurrency,
        endings=Counter((key[0], state.status) for key, state in inventory.states.items()),
        started=started,
        seconds=seconds,
        wrong=wrong,
        stories=stories(scene, inventory, wrong),
    )


def prepare(scene: Scene) -> None:
    """Put on sale what sagas take, and put the providers in their moods."""
    deployment = scene.deployment
    for example in {saga.example.name: saga.example for saga in scene.sagas}.values():
        for (function, key), (counted_in, there_is) in shelves(scene.planned, example).items():
            item = {"pk": {"S": key}, counted_in: {"N": str(there_is)}}
            deployment.client("dynamodb").put_item(TableName=deployment.variable(function, "TABLE"), Item=item)
    for mode in (mode for saga in scene.sagas for mode in saga.provider_modes):
        deployment.provider.behave(mode)


def stories(scene: Scene, inventory: Inventory, wrong: list[Wrong]) -> list[str]:
    """What is wrong, and everything about the first sagas concerned."""
    lines = [f"{' '.join(one.saga) if one.saga else ''}: {one.what}" for one in wrong]
    for key in list(dict.fromkeys(one.saga for one in wrong if one.saga))[:MAX_STORIES]:
        lines += ["", f"### {' '.join(key)}", *story.tell(scene, inventory, key)]
    return lines
