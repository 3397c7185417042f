"""One outage, from the first start before it to the last check after it."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from botocore.exceptions import ClientError

from demo.cases import BROKEN
from demo.choreographed import WAITING
from demo.deployment import Deployment
from emulator.faults import Fault
from emulator.provider.modes import Action
from emulator.waiting import wait_until
from outage.plan import Sent, When, plan
from saga_runtime.client import OperationRefused, RecoveryFailed, cancel, complete, list_sagas, resume
from saga_runtime.ledger import SagaState
from soak import settling
from soak.checks import Wrong, check_all
from soak.customers import Customers
from soak.event_recorder import EventRecorder
from soak.inventory import ledger, take
from soak.operator import redrive, watch
from soak.run import prepare, stories
from soak.scene import Scene

WATCH_EVERY: Final = 300.0
"""Seconds between two looks of the watchdog, as deployed."""
SILENT: Final = 1080
"""Seconds without activity after which it takes over, as deployed."""
SETTLED: Final = 300.0
"""Seconds in which whatever cannot go on has to be stuck."""
BOTH: Final[tuple[Action, ...]] = ("place", "cancel")


@dataclass(kw_only=True)
class Outcome:
    """What came of it.

    Attributes:
        scene: what was done and counted.
        sent: every saga, and what it was for.
        down: for how many seconds the two were down.
        waited: where sagas waited for an operator when both were mended, by name and id.
        dead letters: how many dead letters there were then.
        helped: seconds from then until nothing was stuck or under way any more.
        ends: how each ended.
        wrong: what is not as it should be.
        stories: everything about the first sagas with something wrong.
    """

    scene: Scene
    sent: list[Sent]
    down: float = 0.0
    waited: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    dead_letters: int = 0
    helped: float = 0.0
    ends: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    wrong: list[Wrong] = field(default_factory=list[Wrong])
    stories: list[str] = field(default_factory=list[str])

    def of(self, when: When) -> list[Sent]:
        """Those that are started then."""
        return [one for one in self.sent if one.kind.when == when]


def outage(deployment: Deployment, seconds: float, rounds: int, say: Callable[[str], None]) -> Outcome:
    """Take both down for so long, or until whatever cannot go on is stuck, mend them, help, and judge."""
    sent = plan(rounds)
    scene = Scene(deployment, [one.saga for one in sent], EventRecorder.of(deployment), say)
    outcome = Outcome(scene=scene, sent=sent)
    customers = Customers(scene, concurrency=1)
    prepare(scene)
    _before(outcome, customers)
    _while_down(outcome, customers, seconds)
    _mend(scene)
    begun = scene.seconds
    _follow_the_runbook(scene)
    for one in outcome.of("after"):
        customers.start(one.saga)
    settling.until_ended(scene, customers)
    outcome.helped = scene.seconds - begun
    _judge(outcome)
    return outcome


def _before(outcome: Outcome, customers: Customers) -> None:
    books, begun = outcome.scene.books, outcome.of("before")
    for one in begun:
        customers.start(one.saga)

    def all_there() -> bool:
        return all(books.says(*one.key, one.kind.once) for one in begun)

    wait_until(all_there, what="a saga at each of its places", timeout=60)


def _while_down(outcome: Outcome, customers: Customers, seconds: float) -> None:
    scene, during = outcome.scene, outcome.of("during")
    _take_down(outcome)
    begun, watched, helped = time.monotonic(), time.monotonic(), False
    scene.say(f"{scene.seconds:5.0f} s: down; {len(outcome.of('before'))} sagas are under way")
    for one in outcome.of("before"):
        _tell(scene, one)
    while (passed := time.monotonic() - begun) < seconds or during or not helped:
        if during and passed >= seconds * (1 - len(during) / len(outcome.of("during"))):
            customers.start(during[0].saga)
            _tell(scene, during.pop(0))
        elif passed >= seconds / 2 and not helped and dict(_stuck(scene)):
            _help(scene, "without success")
            helped = True
        elif time.monotonic() - watched > WATCH_EVERY:
            watch(scene, SILENT)
            watched = time.monotonic()
        else:
            time.sleep(1)
    with suppress(TimeoutError):  # what is not stuck is told by the checks
        wait_until(lambda: _is_settled(outcome), what="the last to settle", timeout=SETTLED, interval=2)
    outcome.down = time.monotonic() - begun
    outcome.waited, outcome.dead_letters = dict(_stuck(scene)), sum(_dead_letters(scene))


def _take_down(outcome: Outcome) -> None:
    deployment = outcome.scene.deployment
    deployment.provider.behave_well()
    for action in BOTH:
        deployment.provider.behave(BROKEN(match="", action=action))
    deployment.emulator.faults.set(
        Fault(saga=one.saga.id, fault="crash-before-commit", step="hotel", times=None)
        for one in outcome.sent
        if one.kind.when != "after"
    )


def _mend(scene: Scene) -> None:
    scene.deployment.provider.behave_well()
    scene.deployment.emulator.faults.clear()
    scene.say(f"{scene.seconds:5.0f} s: up again; {len(dict(_stuck(scene)))} sagas wait for an operator")


def _tell(scene: Scene, one: Sent) -> None:
    """What somebody wants of a saga while its participants are down; repeated if recovery cannot be asked."""
    target, services = scene.targets[one.saga.name], scene.services
    if one.kind.order == "approve":
        _repeated(scene, one, lambda: complete(target, f"{target.name}.{one.saga.id}.approval", services=services))
    elif one.kind.order == "cancel":
        wait_until(lambda: scene.books.state(*one.key).steps.get("payment"), what="its beginning", timeout=60)
        _repeated(scene, one, lambda: cancel(target, one.saga.id, ahead=True, services=services))


def _repeated(scene: Scene, one: Sent, give: Callable[[], str]) -> None:
    for _ in range(5):
        try:
            status = give()
        except (RecoveryFailed, ClientError) as error:
            scene.note(f"{one.kind.order}: could not be served, and was repeated", one.key, str(error))
        else:
            return scene.note(one.kind.order, one.key, f"→ {status}")
    return None


def _follow_the_runbook(scene: Scene) -> None:
    """Redrive dead letters and resume what is stuck, until nothing is."""
    deadline = time.monotonic() + SETTLED
    while dict(_stuck(scene)) and time.monotonic() < deadline:
        _help(scene, "mended")
        time.sleep(5)


def _help(scene: Scene, when: str) -> None:
    for target in scene.targets.values():
        for _ in redrive(scene, target):
            pass
        for stuck in list(list_sagas(target, state="STUCK", services=scene.services)):
            try:
                status = resume(target, stuck.id, services=scene.services)
                scene.note(f"resumed, {when}", (stuck.saga, stuck.id), f"at {stuck.stuck_at} → {status}")
            except (OperationRefused, RecoveryFailed, ClientError) as error:
                scene.note("resume refused, for the next look", (stuck.saga, stuck.id), str(error))


def _stuck(scene: Scene) -> Iterator[tuple[tuple[str, str], str]]:
    for target in scene.targets.values():
        for one in list_sagas(target, state="STUCK", services=scene.services):
            yield (one.saga, one.id), one.stuck_at


def _is_settled(outcome: Outcome) -> bool:
    """Whether every saga that was started has ended, or is stuck where it has to be."""
    states = ledger(outcome.scene.deployment)
    begun = [one for one in outcome.sent if one.kind.when != "after"]
    return all(one.key in states and _has_settled(one, states[one.key]) for one in begun)


def _has_settled(one: Sent, state: SagaState) -> bool:
    return state.stuck_at == one.kind.stuck_at if one.kind.stuck_at else state.ended


def _dead_letters(scene: Scene) -> Iterator[int]:
    sqs: Any = scene.deployment.client("sqs")
    for target in scene.targets.values():
        found = sqs.get_queue_attributes(QueueUrl=target.dead_letters, AttributeNames=list(WAITING))["Attributes"]
        yield sum(int(found[name]) for name in WAITING)


def _judge(outcome: Outcome) -> None:
    scene = outcome.scene
    outcome.wrong += settling.until_tidy(scene)
    scene.recorder.stop()
    inventory = take(scene.deployment)
    outcome.ends = {key: state.status for key, state in inventory.states.items()}
    outcome.wrong += chain(settling.dead_letters(scene), check_all(scene, inventory), unexpected(outcome))
    scene.counts["events heard"] = scene.recorder.count
    outcome.stories = stories(scene, inventory, outcome.wrong)


def unexpected(outcome: Outcome) -> Iterable[Wrong]:
    """Who waited for an operator, or ended, otherwise than planned."""
    for one in outcome.sent:
        waited, ended = outcome.waited.get(one.key, ""), outcome.ends.get(one.key, "nothing")
        if waited != one.kind.stuck_at:
            yield Wrong(
                f"waited for an operator at {waited or 'no step'}, not at {one.kind.stuck_at or 'none'}", one.key
            )
        if ended != one.kind.ends:
            yield Wrong(f"ended as {ended}, not as {one.kind.ends}", one.key)


def found(outcome: Outcome) -> Counter[tuple[str, str, str, str, str]]:
    """How many sagas, by example, when and how they were started, where they waited and how they ended."""
    return Counter(
        (one.kind.example.name, one.kind.when, one.kind.how, outcome.waited.get(one.key, ""), outcome.ends[one.key])
        for one in outcome.sent
        if one.key in outcome.ends
    )
