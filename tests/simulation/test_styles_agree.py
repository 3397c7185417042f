"""One definition, one input, the same faults: both styles end the same, with the same effects."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from cdk_saga.testing import Delay, Duplicate, Fault, Run, faults_of
from cdk_saga.testing.faults import RequestFault
from simulation.participants import effects
from simulation.search import Scenario, scenarios

BUS_AND_QUEUE = ("PutEvents", "GetQueueUrl", "ChangeMessageVisibility")
"""Requests that one style makes and the other does not."""


def neutral(run: Run) -> Iterator[Fault]:
    """Faults that mean the same in both styles: they strike what participants do, not how they are told."""
    calls = {(entry.task, entry.attempt, entry.call): entry.what for entry in run.trace.requests()}
    for _, fault in faults_of(run):
        if fault.task == "relay":
            continue
        if isinstance(fault, RequestFault) and calls[fault.task, fault.attempt, fault.call] in BUS_AND_QUEUE:
            continue
        if isinstance(fault, RequestFault | Delay) or (isinstance(fault, Duplicate) and fault.kind == "copy"):
            yield fault


def outcome(scenario: Scenario, faults: Sequence[Fault]) -> tuple[str, Counter[str]]:
    """How a scenario ends, and which effects are left."""
    run = scenario.runner()(faults)
    left: Counter[str] = Counter()
    for effect in effects(run):
        left[effect.step] += effect.amount
    return run.ending, +left


@pytest.mark.parametrize("shape", ["T", "X", "TX", "XT°", "T!X", "(T|X)"])
def test_both_styles_end_the_same_with_the_same_effects(shape: str) -> None:
    for choreographed in scenarios([shape], ["choreographed"]):
        orchestrated = replace(choreographed, style="orchestrated")
        for faults in ((), *((fault,) for fault in neutral(choreographed.runner()(())))):
            assert outcome(choreographed, faults) == outcome(orchestrated, faults), f"{choreographed} {faults}"
