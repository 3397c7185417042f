"""Somebody on call, who does what the runbook says and nothing else."""

import json
import math
import threading
from collections.abc import Iterator
from typing import Final

from botocore.exceptions import ClientError

from cdk_saga.testing.run import TOLD_AS
from saga_runtime import BadCommand, client
from saga_runtime.client import (
    DeadLetter,
    ListedSaga,
    OperationRefused,
    RecoveryFailed,
    Target,
    list_sagas,
    resume,
    retry,
    skip,
    start,
)
from soak.scene import Scene
from watchdog import look_at_once

EVERY: Final = 8.0
"""Seconds between two looks."""
REDRIVES: Final = 4
"""Looks between two redrives of the dead-letter queues."""
REASON: Final = "paid back in cash"


class Operator:
    """Looks from time to time, in a thread until `stop`."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="operator", daemon=True)
        self._thread.start()
        self.failed: BaseException | None = None

    def stop(self) -> None:
        """Go home.

        Raises:
            Exception: the one that ended the thread, if any did.
        """
        self._stopped.set()
        self._thread.join()
        if self.failed:
            raise self.failed

    def _run(self) -> None:
        look = 0
        try:
            while not self._stopped.wait(EVERY):
                look += 1
                self._scene.note("looks of the operator")
                for target in self._scene.targets.values():
                    self._help(target)
                    if look % REDRIVES == 0:
                        list(redrive(self._scene, target))
        except Exception as error:  # noqa: BLE001 # the main thread raises it
            self.failed = error

    def _help(self, target: Target) -> None:
        for stuck in list(list_sagas(target, state="STUCK", services=self._scene.services)):
            planned = self._scene.by_key[stuck.saga, stuck.id]
            if planned.help != "none":
                self._answer(target, stuck, planned.help)

    def _answer(self, target: Target, stuck: ListedSaga, way: str) -> None:
        key, services = (stuck.saga, stuck.id), self._scene.services
        try:
            if way == "skip" and stuck.stuck_at == "payment":
                status = skip(target, stuck.id, stuck.stuck_at, REASON, services=services)
                self._scene.note("skipped", key, f"→ {status}")
            else:
                self._scene.books.repair(stuck.id)
                status = resume(target, stuck.id, services=services)
                self._scene.note("resumed", key, f"at {stuck.stuck_at} → {status}")
        except (OperationRefused, BadCommand, ClientError) as error:
            self._scene.note("help refused, for the next look", key, str(error))


def redrive(scene: Scene, target: Target, *, discard: bool = False) -> Iterator[DeadLetter]:
    """Work off a dead-letter queue; a recovery function that dies at a dead letter leaves it for the next time."""
    try:
        for dead_letter in client.redrive(target, discard=discard, services=scene.services):
            scene.note(f"dead letter redriven → {dead_letter.done or 'left'}")
            yield dead_letter
    except ClientError as error:
        scene.note("redrive broken off, for the next look", detail=str(error))


def unpublished(scene: Scene) -> list[ListedSaga]:
    """Those that have ended, of which a message was stolen, and nobody heard how.

    Whatever else keeps an ending from being heard is left to the checks to find.
    """
    within, services = math.ceil(scene.seconds) + 1, scene.services
    ended = [
        one for target in scene.targets.values() for one in list_sagas(target, ended_within=within, services=services)
    ]
    return [one for one in ended if (one.saga, one.id) in scene.robbed and not was_heard(scene, one)]


def was_heard(scene: Scene, ended: ListedSaga) -> bool:
    """Whether the world heard how a saga ended."""
    return TOLD_AS[ended.state] in {event.what for event in scene.recorder.heard[ended.saga, ended.id]}


def publish_again(scene: Scene, ended: ListedSaga) -> None:
    """As the runbook says when messages were lost."""
    key, target = (ended.saga, ended.id), scene.targets[ended.saga]
    try:
        retry(target, ended.id, services=scene.services)
        scene.note("ending published again", key, f"→ {ended.state}")
    except OperationRefused as refusal:
        scene.note("started again, as it was cancelled before its first message was lost", key, str(refusal))
        start(target, ended.id, scene.by_key[key].given, services=scene.services)
    except (RecoveryFailed, ClientError) as error:
        scene.note("ending published again: could not be served, and was repeated", key, str(error))


def tell_customers(scene: Scene) -> None:
    """Hand every message to a customer that could not be sent to its function again, as the runbook says."""
    sqs, url = scene.deployment.client("sqs"), scene.deployment.queues("local-Participants")["MessagesDead"]
    while found := sqs.receive_message(QueueUrl=url, VisibilityTimeout=120).get("Messages"):
        for message in found:
            payload = json.dumps(json.loads(message["Body"])["requestPayload"])
            function = scene.deployment.functions["Messages"]
            answer = scene.deployment.client("lambda").invoke(FunctionName=function, Payload=payload)
            if "FunctionError" not in answer:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                scene.note("customer told after all")


def watch(scene: Scene, silent: int) -> None:
    """Let every recovery function look for sagas that nobody works on, as its schedule does every five minutes.

    Args:
        scene: where.
        silent: seconds of silence from which on a saga is taken over; deployed functions take about an hour.
    """
    for target in scene.targets.values():
        look_at_once(scene.deployment.client("lambda"), target.recovery, silent)
