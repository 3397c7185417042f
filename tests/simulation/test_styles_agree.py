"""One definition, one input, the same faults: both styles end the same, with the same effects."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_saga import NOTHING_TO_UNDO
from cdk_saga.testing import Crash, Delay, Duplicate, Fault, LostReply, Run, Slow, Throttled, faults_of
from cdk_saga.testing.faults import RequestFault
from simulation.generated import shapes
from simulation.participants import effects
from simulation.search import LONG_OVER, STYLES, Scenario, requests, scenarios, skipped
from simulation.seen import seen
from simulation.shapes import WAITS

BUS_AND_QUEUE = ("PutEvents", "GetQueueUrl", "ChangeMessageVisibility")
"""Requests that one style makes and the other does not."""


def neutral(run: Run) -> Iterator[Fault]:
    """Faults that mean the same in both styles: they strike what participants do, not how they are told."""
    calls = {(entry.task, entry.attempt, entry.call): entry.what for entry in run.trace.requests()}
    for _, fault in faults_of(run):
        if fault.task == "recovery":
            continue
        if isinstance(fault, RequestFault) and calls[fault.task, fault.attempt, fault.call] in BUS_AND_QUEUE:
            continue
        if isinstance(fault, RequestFault | Delay) or (isinstance(fault, Duplicate) and fault.kind == "copy"):
            yield fault


def in_time_or_not(given: Mapping[str, Any]) -> bool:
    """Whether answers come in time, or not, by a margin: how soon a step asks again is the style's own affair."""
    return not any(WAITS <= after < LONG_OVER for _, _, after in given.get("answers", ()))


def outcome(run: Run) -> tuple[str, Counter[str]]:
    """How a saga ended, and which effects that one can undo are left.

    One that is stuck is on its way yet, in a group wherever its members were.
    """
    undoable = {step.name for step in run.saga.all_steps if step.compensation is not NOTHING_TO_UNDO}
    left: Counter[str] = Counter()
    for effect in effects(run):
        left[effect.step] += effect.amount if effect.step in undoable else 0
    return run.ending, Counter() if run.ending == "STUCK" else +left


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize(
    ("shape", "part"), [("T", 1), ("X", 1), ("TX", 1), ("XT°", 1), ("T!X", 1), ("(T|X)", 1), ("T?", 1), ("X?T", 3)]
)
def test_whatever_goes_wrong_both_styles_end_the_same_with_the_same_effects(shape: str, part: int) -> None:
    """Of the largest one scenario in three is taken: `T?` has every answer."""
    told = [scenario for scenario in scenarios([shape], ["choreographed"]) if in_time_or_not(scenario.given)]
    for scenario in told[::part]:
        choreographed, orchestrated = scenario.runner(), replace(scenario, style="orchestrated").runner()
        for faults in ((), *((fault,) for fault in neutral(choreographed(())))):
            assert outcome(choreographed(faults)) == outcome(orchestrated(faults)), f"{scenario} {faults}"


@pytest.mark.parametrize("shape", ["TT", "XX"])
def test_what_is_skipped_ends_the_same_in_both_styles(shape: str) -> None:
    choreographed, orchestrated = (scenario.runner() for scenario in skipped(shape))
    assert outcome(choreographed(())) == outcome(orchestrated(())) == ("PARTIALLY_COMPENSATED", {"a": 1})
    for fault in neutral(choreographed(())):
        assert outcome(choreographed((fault,))) == outcome(orchestrated((fault,))), f"{fault}"


@pytest.mark.parametrize("shape", ["TT", "XX", "(T|X)T"])
@pytest.mark.parametrize(
    "given",
    [
        {"rejected": ["b"]},
        {"broken": ["a.action"]},
        {"broken": ["b.action"]},
        {"rejected": ["b"], "broken": ["a.compensation"]},
    ],
    ids=str,
)
def test_an_operator_reads_the_same_words_in_both_styles(shape: str, given: dict[str, Any]) -> None:
    choreographed, orchestrated = (
        {step.step: step.outcome for step in status.steps}
        for status in (seen(Scenario(shape, style, given).runner()(())) for style in ("choreographed", "orchestrated"))
    )
    assert choreographed == orchestrated


def test_a_local_action_that_always_fails_was_stopped_before_it_was_done() -> None:
    for style in STYLES:
        status = seen(Scenario("TT", style, {"broken": ["b.action"]}).runner()(()))
        assert [step.outcome for step in status.steps] == ["undone", "stopped before it was done"]


places = {
    "task": st.builds("{}.{}".format, st.sampled_from("abcdef"), st.sampled_from(["action", "compensation"])),
    "attempt": st.integers(1, 2),
}
calls = {**places, "call": st.integers(1, 3)}
sides = st.sampled_from(["before", "after"])
faults: st.SearchStrategy[Fault] = st.one_of(
    st.builds(Crash, **calls, when=sides),
    st.builds(LostReply, **calls),
    st.builds(Throttled, **calls),
    st.builds(Slow, **calls, seconds=st.sampled_from([1, 100]), when=sides),
    st.builds(Duplicate, **places, after=st.sampled_from([0, 30, 2000])),
    st.builds(Delay, **places),
)


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(data=st.data(), shape=shapes, struck=st.lists(faults, max_size=2))
def test_generated_sagas_end_the_same_in_both_styles(data: st.DataObject, shape: str, struck: list[Fault]) -> None:
    asked = data.draw(st.sampled_from(list(filter(in_time_or_not, requests(shape)))))
    ends = [outcome(Scenario(shape, style, asked, attempts=4).runner()(struck)) for style in STYLES]
    assert ends[0] == ends[1]
