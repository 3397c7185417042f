"""Waits until nothing moves any more, helps as watch and customers would, and explains what is left in queues."""

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from demo.choreographed import WAITING
from saga_runtime.ledger import SagaState
from soak.checks import Wrong
from soak.customers import Customers
from soak.inventory import ledger
from soak.operator import publish_again, redrive, tell_customers, unpublished, was_heard, watch
from soak.scene import STACKS, Scene

GIVEN_UP: Final = 420.0
"""Seconds after which what moves still counts as hanging."""
SILENT: Final = 75
"""Seconds without activity after which a saga is taken over here; longer than a lease or a hidden message."""
LOOK: Final = 3.0
HEARD: Final = 60.0
"""Seconds after which whoever has not heard of an ending will not hear of it."""
WATCH: Final = 30.0
"""Seconds between two looks of the watchdog."""


def until_ended(scene: Scene, customers: Customers) -> None:
    """Wait until every saga has ended, but for those whose cause nobody mends; gives up in silence, the checks tell."""
    deadline, watched = time.monotonic() + GIVEN_UP, 0.0
    while time.monotonic() < deadline:
        states = ledger(scene.deployment)
        moving, missing = _moving(scene, states), [one for one in scene.sagas if (one.name, one.id) not in states]
        if not moving and not missing:
            return
        scene.say(f"{scene.seconds:5.0f} s: {len(moving)} sagas have not ended, {len(missing)} not begun")
        # What is on its way arrives while others end; what was lost before it began is started again.
        for saga in () if moving else missing:
            customers.begin_again(saga)
        if time.monotonic() - watched > WATCH:
            watch(scene, SILENT)
            watched = time.monotonic()
        time.sleep(LOOK)


def _moving(scene: Scene, states: Mapping[tuple[str, str], SagaState]) -> set[tuple[str, str]]:
    """The sagas in no ending, and those stuck whose cause somebody mends."""
    return {
        key
        for key, state in states.items()
        if not state.ended and not (state.status == "STUCK" and scene.by_key[key].help == "none")
    }


def until_tidy(scene: Scene) -> Iterator[Wrong]:
    """Tidy when nothing is under way, as what comes later may be a dead letter too; then wait for what that set going.

    What has not been told by then never will be, as nothing is left that could tell it.
    """
    yield from until_still(scene)
    yield from tidy(scene)
    yield from until_still(scene)
    until_told(scene)


def until_told(scene: Scene) -> None:
    """Publish those endings again whose messages were stolen, and wait until every subscriber has them."""
    scene.recorder.catch_up()
    lost = unpublished(scene)
    scene.counts["endings told only when ordered, as a message was stolen"] = len(lost)
    deadline = time.monotonic() + HEARD
    while lost and time.monotonic() < deadline:
        for one in lost:
            if not was_heard(scene, one):
                publish_again(scene, one)
        time.sleep(LOOK)
        lost = [one for one in lost if not was_heard(scene, one) or not scene.books.told(one.saga, one.id)]


def tidy(scene: Scene) -> Iterator[Wrong]:
    """Redrive every dead letter a last time, and throw away what nobody can act on."""
    tell_customers(scene)
    for target in scene.targets.values():
        for dead_letter in redrive(scene, target, discard=True):
            if dead_letter.done == "discarded":
                if "another input" in dead_letter.refused or "another input" in dead_letter.reason:
                    scene.note("dead letter discarded: an id used again with another input")
                else:
                    yield Wrong(
                        f"discarded from {target.name}: {dead_letter.refused} {dead_letter.reason}: {dead_letter.body}"
                    )


def until_still(scene: Scene) -> Iterator[Wrong]:
    """Wait until no queue but the dead-letter queues holds a message and no execution runs; says what still does."""
    deadline = time.monotonic() + GIVEN_UP
    while (busy := list(_busy(scene))) and time.monotonic() < deadline:
        scene.say(f"{scene.seconds:5.0f} s: {', '.join(busy)}")
        time.sleep(LOOK)
    yield from map(Wrong, busy)


def _busy(scene: Scene) -> Iterator[str]:
    if moving := _moving(scene, ledger(scene.deployment)):
        yield f"{len(moving)} sagas have not ended"
    for stack in STACKS:
        for name, url in scene.deployment.queues(stack).items():
            if name != "SagaDead" and (count := _count(scene, url)):
                yield f"{count} messages in {stack} {name}"
    for target in scene.targets.values():
        if target.style == "orchestrated" and (count := len(executions(scene, target.where, "RUNNING"))):
            yield f"{count} executions of {target.name} run"


def executions(scene: Scene, where: str, status: str) -> list[Any]:
    """The executions in that status, of whichever version."""
    machine = ":".join(where.split(":")[:7])
    pages = scene.deployment.client("stepfunctions").get_paginator("list_executions")
    found = pages.paginate(stateMachineArn=machine, statusFilter=status)
    return [execution for page in found for execution in page["executions"]]


def _count(scene: Scene, url: str) -> int:
    answer = scene.deployment.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(WAITING))
    return sum(int(answer["Attributes"][name]) for name in WAITING)


def dead_letters(scene: Scene) -> Iterator[Wrong]:
    """Every dead letter must belong to a saga that is stuck, and every stuck choreographed one has one."""
    states, owed = ledger(scene.deployment), set[tuple[str, str]]()
    for target in scene.targets.values():
        bodies = list(_bodies(scene, target.dead_letters))
        scene.counts["dead letters of stuck sagas"] += len(bodies)
        stuck = {key for key, state in states.items() if key[0] == target.name and state.status == "STUCK"}
        owners = [next((key for key in scene.by_key if key[0] == target.name and key[1] in b), None) for b in bodies]
        for body, owner in zip(bodies, owners, strict=True):
            if owner not in stuck:
                yield Wrong(f"a dead letter of a saga that is not stuck: {body}", owner)
        if target.style == "choreographed":
            owed |= stuck - {owner for owner in owners if owner}
    for key in owed:
        yield Wrong("is stuck without a dead letter", key)
    url = scene.deployment.queues("local-Participants")["MessagesDead"]
    for body in _bodies(scene, url):
        yield Wrong(f"a customer was not told: {body}")


def _bodies(scene: Scene, url: str) -> Iterator[str]:
    sqs = scene.deployment.client("sqs")
    while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=3600).get("Messages"):
        yield from (message["Body"] for message in found)
