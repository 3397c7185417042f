"""``cdk-saga cost``: the library's figures, for people and for machines."""

import json
from collections.abc import Callable

import pytest
from typer.testing import Result

from cdk_saga.cost import Assumptions, compare
from cdk_saga.plan import compile_saga
from stacks.trip import trip

Run = Callable[..., Result]


def test_a_machine_gets_usage_and_dollars_of_every_course(run: Run) -> None:
    shown = json.loads(run("cost", "stacks.trip:trip", "--memory-size", "512", "--batch", "10", "--json").stdout)
    comparison = compare(compile_saga(trip), Assumptions(memory_size=512, batch=10))
    assert [course["course"] for course in shown["courses"]] == [line.course for line in comparison.lines]
    assert shown["courses"][0]["choreographed"]["dollars_a_million"]["total"] == comparison.lines[0].choreographed.total
    assert (shown["cheaper"], shown["crossover_a_month"]) == (comparison.cheaper, comparison.crossover)


@pytest.mark.parametrize("wrong", [("--batch", "0"), ("--memory-size", "64"), ("--own-writes", "99")])
def test_a_number_that_aws_does_not_take_is_refused(run: Run, wrong: tuple[str, str]) -> None:
    done = run("cost", "stacks.trip:trip", *wrong)
    assert done.exit_code == 2
    assert f"Invalid value for '{wrong[0]}'" in done.stderr
