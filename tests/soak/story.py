"""Everything that is known about one saga, for whoever has to find out why it is not as it should be."""

import json
from collections.abc import Iterator

from saga_runtime.client import execution_arn
from soak.inventory import Inventory
from soak.scene import Scene


def tell(scene: Scene, inventory: Inventory, key: tuple[str, str]) -> Iterator[str]:
    """What was planned, what was done to it, what the ledger has, what was heard, what its execution did."""
    planned, state = scene.by_key.get(key), inventory.states.get(key)
    if planned:
        yield f"planned: {dict(planned.troubles)}"
    yield from (f"done: {line}" for line in scene.log[key])
    if state:
        yield f"ledger: META {_short(state.meta)}"
        yield from (f"ledger: {step} {_short(item)}" for step, item in state.steps.items())
    yield from (f"heard: {event.what} {event.why}".rstrip() for event in scene.recorder.heard[key])
    if planned and planned.style == "orchestrated":
        yield from _history(scene, key)


def _short(item: object) -> str:
    return json.dumps(item, default=str)


def _history(scene: Scene, key: tuple[str, str]) -> Iterator[str]:
    states = scene.deployment.client("stepfunctions")
    for number in ("", ".1", ".2", ".3"):
        arn = execution_arn(scene.targets[key[0]].where, key[1] + number)
        try:
            execution = states.describe_execution(executionArn=arn)
        except states.exceptions.ExecutionDoesNotExist:
            continue
        yield f"execution {key[1]}{number}: {execution['status']} {execution.get('error', '')}"
        for page in states.get_paginator("get_execution_history").paginate(executionArn=arn):
            for event in page["events"]:
                details = next((value for name, value in event.items() if name.endswith("EventDetails")), "")
                yield f"  {event['timestamp']:%H:%M:%S} {event['type']} {str(details)[:300]}"
