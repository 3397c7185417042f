"""A shop with a saga at work in it, which bad input must not touch."""

from collections.abc import Iterator

import pytest

from bad_input.shops import Inbox, at_work
from world import World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One for all tests of a module: they leave it as it was."""
    with pytest.MonkeyPatch.context() as patch:
        yield from at_work(patch)


@pytest.fixture
def inbox(world: World, monkeypatch: pytest.MonkeyPatch) -> Inbox:
    monkeypatch.setenv("SAGA_DEAD_LETTER_QUEUE", "dead")
    inbox = Inbox(world)
    world.services.__dict__["sqs"] = inbox
    return inbox
