"""Bad answers to a step that waits: an error by name, nothing touched, and whoever waits goes on waiting."""

import json
from collections.abc import Iterator

import pytest

from bad_input.answers import ADA, ANSWERS, WAITS, Answer, yes
from bad_input.shops import STEPS, at_work, everything
from saga_runtime import BadCommand
from saga_runtime.recovery import ControlOperations, EventEngine, SagaContext
from shop import payload
from world import World


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A saga whose second step waits."""
    for world in at_work(monkeypatch):
        world.shop.pending = True
        world.call(payload("charge", step="card", callback_timeout=WAITS))
        yield world


def operations(world: World) -> ControlOperations:
    steps = {"goods": STEPS["goods"], "card": STEPS["money"]}
    return ControlOperations(SagaContext("order", steps, world.services, "v1"), EventEngine(world.services, {}), "card")


def refusal(world: World, answer: Answer) -> str:
    """What is said to whoever gives it."""
    try:
        return operations(world).perform(answer.operation)["refused"] or ""
    except BadCommand as error:
        return str(error)


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.what)
def test_a_bad_answer_is_refused_by_name_and_changes_nothing(answer: Answer, waiting: World) -> None:
    if answer.first:
        assert operations(waiting).perform(answer.first)["refused"] is None
    waiting.clock[0] += answer.seconds
    before = everything(waiting)
    assert answer.error in refusal(waiting, answer)
    assert everything(waiting) == before


@pytest.mark.parametrize(
    "answer", [one for one in ANSWERS if not (one.first or one.seconds)], ids=lambda answer: answer.what
)
def test_after_a_bad_answer_a_good_one_is_taken(answer: Answer, waiting: World) -> None:
    refusal(waiting, answer)
    assert operations(waiting).perform(yes(ADA)) == {"status": "RUNNING", "refused": None}
    assert json.loads(waiting.item("STEP#0#card")["res"])["by"] == "Ada"
