"""What starters, webhooks and other services can send has no effect on another saga; `make prove` sends all of it."""

from typing import Any

import pytest

from saga_runtime import envelope, recovery
from saga_runtime.ledger import Meta
from saga_runtime.recovery.operations import ANSWERS, OPERATIONS
from simulation import forgeries
from simulation.search import STYLES, Scenario

Json = dict[str, Any]

STRIDE = 29
"""One message in so many; a prime, so that fields, values, names and moments all come."""


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize("scenario", [*forgeries.scenarios(["TX"])], ids=str)
def test_forged_messages_change_nothing_of_another_saga(scenario: Scenario) -> None:
    tried = [*forgeries.search(scenario, STRIDE)]
    assert [str(one.finding) for one in tried if one.finding] == []
    assert len(tried) > 20


def believed(task: Json, saga: Json, start: Json | None) -> Json:
    """A runtime that takes from a message what it says."""
    del start
    return {"version": task["version"], **saga, "name": saga.get("name", task["saga"])}


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize("style", STYLES)
def test_the_search_finds_a_runtime_that_believes_what_a_start_says(
    monkeypatch: pytest.MonkeyPatch, style: str
) -> None:
    monkeypatch.setattr(envelope, "admitted", believed)
    assert any(one.finding for one in forgeries.search(Scenario("TX", style)))


def test_the_search_finds_a_runtime_that_runs_any_execution_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Meta, "check_run", lambda _meta, _command: None)
    assert any(one.finding for one in forgeries.search(Scenario("TX", "orchestrated", {"broken": ["b.action"]}), 7))


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize("style", STYLES)
def test_the_search_finds_a_way_in_that_takes_everything(monkeypatch: pytest.MonkeyPatch, style: str) -> None:
    monkeypatch.setattr(recovery, "ANSWERS", (*ANSWERS, *OPERATIONS))
    scenario = Scenario("TX", style, {"broken": ["b.action"]})
    assert any(one.finding for one in forgeries.search(scenario, 3))
