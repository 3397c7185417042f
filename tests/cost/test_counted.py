"""What `cdk-saga cost` counts with stand-ins is what the examples' own handlers use: every course, in either style."""

import contextlib
from dataclasses import replace
from typing import Any, Final
from unittest.mock import patch

import pytest

from cdk_saga import Saga
from cdk_saga.cost import Assumptions, Usage
from cdk_saga.testing import Run
from demo.example import Example
from iam.calls import SAGAS, _cancel, _place, _simulation  # pyright: ignore[reportPrivateUsage]
from participants import provider
from saga_cli.simulated import counting
from saga_cli.simulated.comparison import faults, used
from saga_cli.simulated.counts import Counts
from saga_cli.simulated.paths import ExecutionPath, execution_paths
from saga_cli.simulated.stand_ins import Failed, answers
from saga_runtime import Command
from saga_runtime.handlers import ExternalHandler, LocalHandler
from saga_runtime.values import canonical

EXTERNAL: Final = {"transfers", "payments", "notices"}
"""The participants whose effects are at a provider."""
WAITS: Final = {"trip": {"cents": 90_000}}
"""An input of the business trip that somebody has to approve."""
STYLES: Final = ("orchestrated", "choreographed")
EVERY: Final = [(saga, example, course) for saga, example in SAGAS for course in execution_paths(saga)]
MOST: Final = 0.02
"""The largest difference."""


def given(saga: Saga, example: Example) -> Assumptions:
    external = frozenset(step.name for step in saga.all_steps if step.participant in EXTERNAL)
    return Assumptions(external=external, input_bytes=len(canonical(example.given("s") | WAITS)))


@contextlib.contextmanager
def raising(course: ExecutionPath) -> Any:
    """The action of the failing step raises at each attempt."""

    def failing(act: Any) -> Any:
        def wrapped(self: Any, command: Command, *rest: Any) -> Any:
            if course.how == "unknown" and (command.step, command.operation) == (course.step, "action"):
                raise Failed("no answer")
            return act(self, command, *rest)

        return wrapped

    with (
        patch.object(LocalHandler, "act", failing(LocalHandler.act)),
        patch.object(ExternalHandler, "act", failing(ExternalHandler.act)),
    ):
        yield


def own_run(saga: Saga, example: Example, style: Any, course: ExecutionPath) -> tuple[Run, Counts]:
    """One course with the example's own handlers."""
    failing = next((step for step in saga.all_steps if step.name == course.step), None)
    rejected = course.how == "rejected" and failing is not None
    sold_out = failing.participant if rejected and failing and failing.participant not in EXTERNAL else ""
    more = {"rejects": [f"{course.step}.action"]} if rejected else {}
    if any(step.callback_timeout for step in saga.all_steps):
        more |= WAITS
    with patch.multiple(provider.Provider, place=_place, cancel=_cancel), raising(course), counting() as counts:
        simulation = _simulation(saga, example, style, looks=0, sold_out=sold_out)
        run = simulation.run(
            {**example.given("s"), **more},
            faults=faults(course, given(saga, example)),
            operations=answers(saga, course),
        )
    return run, counts


def without_own_writes(usage: Usage, counts: Counts) -> Usage:
    """The usage without what the steps write themselves, which only their author knows, and whose logs differ."""
    return replace(usage, write_units=usage.write_units - counts.own_units, log_bytes=0)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("saga", "example", "course"), EVERY, ids=[f"{s.name} {c.name}" for s, _, c in EVERY])
def test_every_course_is_counted_as_it_goes(saga: Saga, example: Example, course: ExecutionPath, style: Any) -> None:
    run, counts = own_run(saga, example, style, course)
    real = without_own_writes(counts.usage(run, given(saga, example)), counts)
    ending, counted, counts = used(saga, style, course, given(saga, example))
    told = without_own_writes(counted, counts)
    assert ending == run.ending
    assert told.total == pytest.approx(real.total, rel=MOST), f"{told}\n{real}\n{run.trace}"
