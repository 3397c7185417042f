"""Steps that wait for somebody outside, whatever goes wrong meanwhile, in both styles."""

import json
from dataclasses import replace

import pytest

from cdk_saga import Retry, Saga, Step
from cdk_saga.testing import ControlOperation, Crash, violations
from simulation.participants import effects, simulation
from simulation.search import STYLES, Scenario, search
from simulation.shapes import saga

pytestmark = pytest.mark.parametrize("style", STYLES)
YES = ControlOperation("complete", after=50, step="b", result={"by": "Ada"})
ANSWERS = {
    "nobody answers": ((), "COMPENSATED"),
    "yes": ((YES,), "COMPLETED"),
    "yes, twice": ((YES, YES), "COMPLETED"),
    "no": ((ControlOperation("reject", after=50, step="b", reason="no"),), "COMPENSATED"),
    "cancelled, then yes": ((ControlOperation("cancel", after=40), YES), "COMPENSATED"),
    "yes, but too late": ((ControlOperation("complete", after=500, step="b"),), "COMPENSATED"),
}


@pytest.mark.parametrize("shape", ["TT?T", "TX?T", "TT°?", "T(T?|X)T", "X(X?|T)~"])
@pytest.mark.parametrize("answers", ANSWERS)
def test_a_step_that_waits_ends_as_it_is_answered(style: str, answers: str, shape: str) -> None:
    operations, ending = ANSWERS[answers]
    run = Scenario(shape, style, {"pending": ["b"]}, operations=operations).runner()(())
    left = {step for step in "abcd" if sum(effect.amount for effect in effects(run) if effect.step == step)}
    assert run.ending == ending, str(run.trace)
    assert left == ({step.name for step in run.saga.all_steps} if ending == "COMPLETED" else left & undeletable(shape))


def undeletable(shape: str) -> set[str]:
    """Steps that leave something that nobody undoes."""
    return {"b"} if "°" in shape else set()


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize("shape", ["TT?T", "TX?", "T(T?|X)~"])
@pytest.mark.parametrize("answers", ["nobody answers", "yes", "no", "cancelled, then yes"])
def test_whatever_goes_wrong_while_a_step_waits_no_rule_is_broken(style: str, answers: str, shape: str) -> None:
    operations, _ = ANSWERS[answers]
    scenario = Scenario(shape, style, {"pending": ["b"]}, attempts=1, operations=operations)
    for _, _, finding in search(scenario, 1):
        if finding:
            pytest.fail(str(finding), pytrace=False)


def test_past_the_pivot_it_is_stuck_until_it_is_answered(style: str) -> None:
    scenario = Scenario("T!T?T", style, {"pending": ["b"]})
    assert scenario.runner()(()).ending == "STUCK"
    answered = Scenario(
        "T!T?T", style, {"pending": ["b"]}, operations=(ControlOperation("complete", after=500, step="b"),)
    )
    assert answered.runner()(()).ending == "COMPLETED"


def test_past_the_pivot_the_same_answer_again_sets_the_saga_going_once(style: str) -> None:
    late = tuple(replace(YES, after=after) for after in (500, 600, 5000))
    run = Scenario("T!T?T", style, {"pending": ["b"]}, operations=late).runner()(())
    assert (run.ending, run.world.functions.invocations["c.action"]) == ("COMPLETED", 1), str(run.trace)


@pytest.mark.long("a search of many runs")
def test_an_answer_that_everybody_knows_reaches_the_steps_after_it_whatever_goes_wrong(style: str) -> None:
    late = tuple(replace(YES, after=after) for after in (500, 600))
    for _, run, finding in search(Scenario("T!T?T", style, {"pending": ["b"]}, operations=late), 1):
        assert not finding, str(finding)
        known = json.loads(run.announced[-1].detail)["results"]
        assert run.ending != "COMPLETED" or known["b"] == {"done": "b", "by": "Ada"}, str(run.trace)


def test_a_repeated_answer_leaves_a_saga_stuck_that_is_stuck_on_its_compensation(style: str) -> None:
    given = {"pending": ["b"], "rejected": ["c"], "broken": ["b.compensation"]}
    run = Scenario("TT?T", style, given, operations=(YES, replace(YES, after=5000))).runner()(())
    assert (run.ending, run.stuck) == ("STUCK", ["b"])


@pytest.mark.parametrize("shape", ["T?", "X?T", "TT?T", "T(T?|X)"])
@pytest.mark.parametrize("answer", ["complete", "reject"])
def test_an_answer_that_is_written_counts_although_recovery_died_and_nobody_repeats_it(
    style: str, shape: str, answer: str
) -> None:
    (step,) = [step.name for step in saga(shape).all_steps if step.callback_timeout]
    given = {"pending": [step], "answers": [[step, answer, 50]], "forgotten": True}
    answered = Scenario(shape, style, given).runner()
    calm = answered(())
    calls = [entry for entry in calm.trace.requests() if entry.task == "recovery"]
    written = next(entry.call for entry in calls if entry.what in ("UpdateItem", "TransactWriteItems"))
    assert calm.ending == ("COMPLETED" if answer == "complete" else "COMPENSATED")
    for call in range(written, len(calls) + 1):
        run = answered([Crash("recovery", call=call, when="after")])
        assert run.ending == calm.ending, str(run.trace)
        assert violations(run, effects(run)) == [], str(run.trace)


def test_an_answer_is_heard_days_later(style: str) -> None:
    """SQS counts its 12 hours from the receive and refuses to hide a message for longer."""
    days = 3 * 86_400
    step = Step(
        "b", participant="own", action="do", compensation="undo", callback_timeout=days, retry=Retry(max_attempts=0)
    )
    answer = ControlOperation("complete", after=days - 60, step="b", result={"by": "Ada"})
    run = simulation(Saga("order", [step]), style).run({"pending": ["b"]}, operations=[answer])
    assert (run.ending, violations(run, effects(run))) == ("COMPLETED", []), str(run.trace)
    assert "InvalidParameterValue" not in {entry.outcome for entry in run.trace.requests()}, str(run.trace)
