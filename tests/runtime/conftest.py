"""DynamoDB, EventBridge and SQS in memory (moto), and a clock that only tests move."""

from collections.abc import Iterator

import pytest

from world import World, in_memory


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    yield from in_memory(monkeypatch)
