"""Harm to nobody in particular: participants restart at any moment, and messages get lost."""

import json
import threading
from random import Random
from typing import Any, Final

from soak.scene import STACKS, Scene

RESTART_EVERY: Final = 12.0
"""Seconds on average between two functions that lose all their processes."""
THEFT_EVERY: Final = 4.0
"""Seconds on average between two attempts to lose a message; most find none."""


class Chaos:
    """Two threads until `stop`."""

    def __init__(self, scene: Scene, seed: int) -> None:
        self._scene = scene
        self._sqs = scene.deployment.client("sqs")
        self._queues = [
            queue
            for stack in STACKS
            for name, queue in scene.deployment.queues(stack).items()
            if stack.endswith("Choreographed") and name.endswith(("action", "compensation"))
        ]
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._now_and_then, args=(harm, every, Random(seed)), daemon=True)  # noqa: S311
            for harm, every in ((self._restart, RESTART_EVERY), (self._steal, THEFT_EVERY))
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Do no more harm."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _now_and_then(self, harm: Any, every: float, draw: Random) -> None:
        while not self._stopped.wait(draw.expovariate(1 / every)):
            harm(draw)

    def _restart(self, draw: Random) -> None:
        _, killed = self._scene.deployment.emulator.kill_workers(draw.choice)
        if killed:
            self._scene.note("function restarted")
            self._scene.counts["processes killed by these"] += killed

    def _steal(self, draw: Random) -> None:
        """Take the first message there is, from one queue after the other in any order."""
        for queue in draw.sample(self._queues, k=len(self._queues)):
            for message in self._sqs.receive_message(QueueUrl=queue, VisibilityTimeout=60).get("Messages", []):
                self._sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                command = json.loads(message["Body"])
                key, task = (command["saga"]["name"], command["saga"]["id"]), command["task"]
                self._scene.robbed.add(key)
                return self._scene.note("message lost", key, f"{task['step']} {task['operation']}")
        return None
