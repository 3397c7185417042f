"""DynamoDB, EventBridge and SQS in memory (moto), and a clock that only tests move."""

from collections.abc import Iterator

import pytest

from recovery_fixture import Queue
from world import World, in_memory


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    yield from in_memory(monkeypatch)


@pytest.fixture
def queue(world: World, monkeypatch: pytest.MonkeyPatch) -> Queue:
    monkeypatch.setenv("SAGA_DEAD_LETTER_QUEUE", "dead")
    queue = Queue()
    world.services.__dict__["sqs"] = queue
    return queue
