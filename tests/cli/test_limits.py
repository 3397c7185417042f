"""``cdk-saga limits``: which quota stops many sagas first, by Region and style."""

import json
from collections.abc import Callable

import pytest
from typer.testing import Result

Run = Callable[..., Result]


def walls(run: Run, *arguments: str) -> dict[str, dict[str, dict[str, float]]]:
    shown = json.loads(run("limits", *arguments, "--json").stdout)
    return {style: {wall["what"]: wall for wall in own} for style, own in shown.items()}


@pytest.mark.parametrize(
    ("region", "starts", "events"), [("us-east-1", 300, 2_500), ("us-east-2", 150, 600), ("eu-north-1", 150, 150)]
)
def test_each_region_has_its_own_quotas(run: Run, region: str, starts: float, events: float) -> None:
    found = walls(run, "stacks.trip:trip", "--region", region)
    assert found["orchestrated"]["Standard executions started"]["binds_at"] == starts
    assert found["choreographed"]["PutEvents requests"]["binds_at"] == events
    assert found["choreographed"]["write units of a new ledger"]["binds_at"] == pytest.approx(400)


def test_the_nearest_wall_comes_first(run: Run) -> None:
    for own in walls(run, "stacks.trip:trip", "--rate", "150").values():
        binding = [wall["binds_at"] for wall in own.values()]
        assert binding == sorted(binding)
        assert [wall["used"] for wall in own.values()] == pytest.approx([150 / at for at in binding])


def test_sagas_that_wait_fill_queues_and_open_executions(run: Run) -> None:
    found = walls(run, "stacks.business_trip:business_trip")
    assert found["choreographed"]["messages of a queue in flight at once"]["binds_at"] == pytest.approx(
        120_000 / 86_400
    )
    assert found["orchestrated"]["executions open at once"]["binds_at"] == pytest.approx(1_000_000 / 86_400)
    assert "executions open at once" not in walls(run, "stacks.trip:trip")["orchestrated"]


def test_a_person_reads_the_share_of_each_quota(run: Run) -> None:
    shown = run("limits", "stacks.trip:trip", "--rate", "300").stdout
    assert "300 sagas a second" in shown
    assert "100%" in next(line for line in shown.splitlines() if "Standard executions started" in line)
