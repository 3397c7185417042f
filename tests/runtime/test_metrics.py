"""Metrics: each thing once, by few dimensions, never by an id, and nothing for what goes as it always goes."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from saga_runtime import Rejected, SagaFenced, telemetry
from saga_runtime.envelope import parse
from saga_runtime.recovery import SagaContext
from shop import payload
from world import World

Json = dict[str, Any]
Measured = Callable[[], list[tuple[tuple[str, ...], Json]]]
STEPS = {"goods": ("reserve", "release"), "card": ("charge", "refund")}


@pytest.fixture
def measured(capsys: pytest.CaptureFixture[str]) -> Measured:
    """What was printed: values by their dimensions, as CloudWatch reads it."""

    def read() -> list[tuple[tuple[str, ...], Json]]:
        found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return [_as_cloudwatch_reads(line) for line in found]

    return read


def _as_cloudwatch_reads(line: Json) -> tuple[tuple[str, ...], Json]:
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    (dimensions,) = directive["Dimensions"]
    assert directive["Namespace"] == "Saga"
    values = {metric["Name"]: line[metric["Name"]][0] for metric in directive["Metrics"]}
    return tuple(f"{name}={line[name]}" for name in dimensions), values


def test_a_happy_saga_counts_its_start_and_its_end(world: World, measured: Measured) -> None:
    world.call(payload("reserve", first=True))
    world.call(payload("charge", step="card"))
    world.clock[0] = 1_000_060.5
    world.call(payload("reserve", step="more", ends={"succeeded": "COMPLETED"}))
    assert measured() == [(("saga=order",), {"Started": 1}), (("saga=order",), {"Completed": 1, "Duration": 60.5})]


def test_a_start_is_counted_at_its_first_attempt_only(world: World, measured: Measured) -> None:
    world.shop.raises = RuntimeError("broken")
    for attempt in (1, 2):
        with pytest.raises(RuntimeError):
            world.call({**payload("reserve", first=True), "attempt": attempt})
    assert [(dims, values) for dims, values in measured() if "Started" in values] == [(("saga=order",), {"Started": 1})]


def test_what_comes_too_late_starts_nothing(world: World, measured: Measured) -> None:
    world.call(payload("release", "compensation"))
    with pytest.raises(SagaFenced):
        world.call(payload("reserve", first=True))
    assert measured() == []


def test_a_saga_that_begins_with_a_group_starts_once(world: World, measured: Measured) -> None:
    for step, leads in (("goods", True), ("more", False)):
        world.call(payload("reserve", step=step, first=True, grouped=True, starts_group=leads))
    assert measured() == [(("saga=order",), {"Started": 1})]


def test_attempts_are_counted_from_the_second_on(world: World, measured: Measured) -> None:
    world.call(payload("reserve", first=True))
    measured()
    world.shop.raises = RuntimeError("broken")
    with pytest.raises(RuntimeError):
        world.call(payload("charge", step="card"))
    world.shop.raises = None
    world.call({**payload("charge", step="card"), "attempt": 3})
    assert measured() == [(("saga=order", "step=card"), {"Attempts": 2})]


def test_what_is_compensated_is_counted_by_step_and_reason_too(world: World, measured: Measured) -> None:
    world.shop.raises = Rejected("sold out")
    with pytest.raises(Rejected):
        world.call(payload("reserve", first=True, ends={"rejected": "COMPENSATED"}))
    assert [dims for dims, values in measured() if "Compensated" in values] == [
        ("saga=order",),
        ("saga=order", "step=goods", "reason=rejected"),
    ]


REASONS: list[tuple[str, Json]] = [
    ("rejected", {"outcome": "rejected", "Error": "Rejected", "Cause": "no seat"}),
    ("deadline", {"outcome": "rejected", "Error": "Rejected", "Cause": "deadline: 'card' came 3 s after"}),
    ("unknown", {"outcome": "unknown", "Error": "Sandbox.Timedout", "Cause": "Task timed out"}),
    ("aborted", {"outcome": "unknown", "Error": "SagaFenced", "Cause": "too late"}),
    ("aborted", {"outcome": "unknown", "Error": "Ordered", "Cause": "on request"}),
]


@pytest.mark.parametrize(("reason", "failure"), REASONS)
def test_a_reason_is_one_of_few_words(world: World, measured: Measured, reason: str, failure: Json) -> None:
    failed = {"step": "card", **failure, "recorded": True}
    world.call(payload("release", "compensation", failure=failed, ends={"compensated": "COMPENSATED"}))
    assert measured()[-1] == (("saga=order", "step=card", f"reason={reason}"), {"Compensated": 1})


def test_a_stuck_saga_is_counted_where_it_stands(world: World, measured: Measured) -> None:
    world.call(payload("reserve", first=True))
    measured()
    SagaContext("order", STEPS, world.services, "v1").stuck(
        parse(payload("release", "compensation")), "RetriesUsedUp", "broken"
    )
    assert measured()[-1] == (("saga=order", "step=goods", "reason=stuck"), {"Stuck": 1})


def test_no_metric_has_an_id_for_a_dimension(world: World, measured: Measured) -> None:
    world.call({**payload("reserve", first=True, ends={"succeeded": "COMPLETED"}), "attempt": 2})
    assert not any("t-1" in dimension for dims, _ in measured() for dimension in dims)


def test_the_namespace_is_the_environments(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Saga/dev")
    world.call(payload("reserve", first=True))
    (directive,) = json.loads(capsys.readouterr().out)["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Saga/dev"


def test_what_was_counted_while_metrics_were_disabled_is_not_counted_later(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")
    telemetry.watched("order", late=5, taken_over=5)
    monkeypatch.delenv("POWERTOOLS_METRICS_DISABLED")
    telemetry.watched("trip", late=1, taken_over=0)
    (line,) = capsys.readouterr().out.splitlines()
    assert (json.loads(line)["Late"], "TakenOver" in line) == ([1.0], False)


def test_a_version_that_is_not_deployed_is_a_dimension_of_its_own(measured: Measured) -> None:
    telemetry.watched("order", 2, 0, {"v1": 2})
    assert measured() == [
        (("saga=order", "version=v1"), {"MissingVersion": 2}),
        (("saga=order",), {"Late": 2}),
    ]
