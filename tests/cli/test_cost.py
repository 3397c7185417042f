"""``cdk-saga cost``: the library's figures, for people and for machines."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from cdk_saga.cost import Assumptions
from saga_cli.simulated import compare
from stacks.trip import trip

Run = Callable[..., Result]


def test_a_machine_gets_usage_and_dollars_of_every_course(run: Run) -> None:
    shown = json.loads(
        run("cost", "stacks.trip:trip", "--memory-size", "512", "--external", "transfer", "--json").stdout
    )
    comparison = compare(trip, Assumptions(memory_size=512, external=frozenset({"transfer"})))
    assert [course["course"] for course in shown["courses"]] == [line.course for line in comparison.lines]
    assert shown["courses"][0]["choreographed"]["dollars_a_million"]["total"] == comparison.lines[0].choreographed.total
    assert (shown["cheaper"], tuple(shown["crossover_a_month"])) == (comparison.cheaper, comparison.crossover)


@pytest.mark.parametrize("wrong", [("--input-bytes", "-1"), ("--memory-size", "64"), ("--own-writes", "99")])
def test_a_number_that_aws_does_not_take_is_refused(run: Run, wrong: tuple[str, str]) -> None:
    done = run("cost", "stacks.trip:trip", *wrong)
    assert done.exit_code == 2
    assert f"Invalid value for '{wrong[0]}'" in done.stderr


def test_a_step_that_the_saga_does_not_have_is_refused(run: Run) -> None:
    done = run("cost", "stacks.trip:trip", "--external", "train")
    assert done.exit_code == 2
    assert "it has flight, hotel, transfer" in done.stderr


def assembly(folder: Path) -> Path:
    """Two stacks of a stage, and one of another."""
    metric = {"MetricStat": {"Metric": {"MetricName": "Stuck"}}}
    resources = {
        "prod-Trip": [
            ("AWS::CloudWatch::Alarm", {"MetricName": "Dead"}),
            ("AWS::CloudWatch::Alarm", {"Metrics": [metric, metric, {"Expression": "a+b"}]}),
            ("AWS::Lambda::EventSourceMapping", {}),
        ],
        "prod-State": [("AWS::KMS::Key", {}), ("AWS::CloudWatch::Dashboard", {})],
        "dev-Trip": [("AWS::CloudWatch::Alarm", {"MetricName": "Dead"})],
    }
    artifacts = {}
    for name, own in resources.items():
        template = {"Resources": {f"R{n}": {"Type": kind, "Properties": said} for n, (kind, said) in enumerate(own)}}
        (folder / f"{name}.json").write_text(json.dumps(template))
        said = {"templateFile": f"{name}.json", "stackName": name}
        artifacts[name] = {"type": "aws:cloudformation:stack", "properties": said}
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return folder


def test_an_idle_month_is_counted_from_the_templates(run: Run, tmp_path: Path) -> None:
    lines = json.loads(run("cost", "--idle", str(assembly(tmp_path)), "--stage", "prod", "--json").stdout)
    found = {line["what"]: (line["number"], line["least"], line["most"]) for line in lines}
    assert found["metrics of alarms"] == (3, pytest.approx(0.3), pytest.approx(0.3))
    assert found["customer-managed keys"] == (1, 1, 1)
    assert found["queues polled"] == (1, pytest.approx(0.10368), pytest.approx(0.2592))


def test_without_a_saga_or_an_app_there_is_nothing_to_price(run: Run, tmp_path: Path) -> None:
    assert "which saga?" in run("cost").stderr
    assert "has no manifest.json" in run("cost", "--idle", str(tmp_path)).stderr
