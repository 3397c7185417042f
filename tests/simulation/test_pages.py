"""No state that the simulator can produce breaks the page of a saga, its report, or its status in a terminal."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import Console

from cdk_saga.testing import ControlOperation, Run, explore
from cdk_saga.testing.world import LEDGER
from html_page import Page, words
from saga_cli.console.pages import saga_page
from saga_cli.views import saga_view
from saga_runtime.client import Status, StepStatus, Target, status
from saga_runtime.services import Services
from simulation.search import STYLES, Scenario
from simulation.seen import target_of

LONG = pytest.mark.long("a search of many runs")
SKIPPED = (ControlOperation("skip", 4000, step="a", reason="by phone"),)
SCENARIOS = [
    ("TX", {}, (), "COMPLETED"),
    ("X?", {"pending": ["a"], "answers": [["a", "reject", 50]]}, (), "COMPENSATED"),
    pytest.param("T!X", {"broken": ["b.action"]}, (), "STUCK", marks=LONG),
    pytest.param("TT", {"rejected": ["b"], "broken": ["a.compensation"]}, SKIPPED, "PARTIALLY_COMPENSATED", marks=LONG),
]


class Past:
    """The ledger as it was after some of its changes; DynamoDB, as far as a status asks it."""

    def __init__(self) -> None:
        self.items: dict[Any, dict[str, Any]] = {}

    def get_paginator(self, operation: str) -> "Past":
        assert operation == "query"
        return self

    def paginate(self, *, ExpressionAttributeValues: dict[str, Any], **_: Any) -> list[dict[str, Any]]:  # noqa: N803
        partition = ExpressionAttributeValues[":pk"]
        return [{"Items": [item for item in self.items.values() if item["pk"] == partition]}]


def moments(run: Run) -> Iterator[tuple[Target, Status, float]]:
    """The saga's status after each change of the ledger, then and long after."""
    past, clock = Past(), [0.0]
    services, target = Services(now=lambda: clock[0], client=lambda _: past), target_of(run)
    for change in run.world.dynamodb.changes:
        if change.table != LEDGER:
            continue
        if change.new is None:
            past.items.pop(change.key, None)
        else:
            past.items[change.key] = change.new
        if not any(item["sk"] == {"S": "META"} for item in past.items.values()):
            continue
        for clock[0] in (change.at, change.at + 86_400):
            yield target, status(target, "s-1", services=services), clock[0]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("shape", "given", "operations", "ending"), SCENARIOS)
def test_every_state_has_a_page_a_report_and_a_status(
    style: str, shape: str, given: dict[str, Any], operations: tuple[ControlOperation, ...], ending: str
) -> None:
    opened = set[Any]()
    scenario = Scenario(shape, style, given, operations=operations)
    with scenario.simulated() as simulated:
        for found in explore(scenario.runner(simulated), 1):
            for target, seen, now in moments(found.run):
                times = (known is not None for step in seen.steps for known in _times(step))
                kind = (seen.state, seen.input is None, *(step.outcome for step in seen.steps), *times)
                if kind not in opened:
                    opened.add(kind)
                    _open(found.run, target, seen, now)
    assert {ending, "COMPENSATED"} <= {state for state, *_ in opened}
    assert any(no_input for _, no_input, *_ in opened), "one was cancelled before it began"


def _open(run: Run, target: Target, seen: Status, now: float) -> None:
    for further in ({}, {"root": "/secret", "here": "/secret/sagas/dev-Order/order/s-1"}):
        page = Page(saga_page(target, seen, [run.saga], now, **further))
        assert words(page.one("p", class_="state")) == seen.words
    Console(file=io.StringIO()).print(saga_view(seen))


def _times(step: StepStatus) -> tuple[float | None, ...]:
    return step.began, step.ended, step.due, step.until, step.undo_began, step.undo_ended
