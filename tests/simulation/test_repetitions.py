"""What is repeated by a batch, an archive or an operator changes nothing; and what a saga may cost is watched."""

import pytest

from cdk_saga.testing import ArchiveReplay, Batched, Duplicate, Redrive, Run, Slow, violations
from saga_runtime import Command
from saga_runtime.ledger import LocalLedger, SagaKey, Sagas
from simulation.mutants import ledger
from simulation.participants import effects, simulation
from simulation.search import Scenario, judged
from simulation.shapes import saga

NO: dict[str, list[str]] = {"rejected": ["b"], "broken": ["a.compensation"]}


def held(run: Run) -> Run:
    """The run, after checking it."""
    assert violations(run, effects(run)) == [], str(run.trace)
    return run


@pytest.mark.parametrize(("task", "told"), [("a.action", 2), ("b.action", 1)], ids=["outcome", "ending"])
def test_a_message_in_one_batch_with_its_copy_is_done_once_and_its_ending_is_announced_once(
    task: str, told: int
) -> None:
    """Rules answer a repeated outcome with a command that changes nothing; an ending is for other systems."""
    run = held(simulation(saga("TT"), "choreographed").run(faults=[Batched(task)]))
    made = [(entry.what, entry.outcome == "ok") for entry in run.trace.requests() if entry.task == task]
    once, again, published = ("TransactWriteItems", True), ("TransactWriteItems", False), ("PutEvents", True)
    assert made == [once, published, again, published][: 2 + told]
    assert run.ending == "COMPLETED"


@pytest.mark.parametrize("style", ["choreographed", "orchestrated"])
def test_a_rejection_is_repeated_in_one_request(style: str) -> None:
    run = held(Scenario("T", style, stock=0).runner()([Duplicate("a.action", after=5)]))
    made = [entry.attempt for entry in run.trace.requests() if entry.what == "TransactWriteItems"]
    assert (run.ending, made) == ("COMPENSATED", [1, 1, 2])


def test_a_replayed_archive_delivers_every_event_again() -> None:
    run = held(simulation(saga("TT"), "choreographed").run(faults=[ArchiveReplay("b.action", after=2000)]))
    assert (run.ending, run.world.functions.invocations["a.action"]) == ("COMPLETED", 2)


@pytest.mark.parametrize("style", ["choreographed", "orchestrated"])
def test_dead_letters_redriven_before_the_repair_leave_the_saga_stuck(style: str) -> None:
    run = held(simulation(saga("TT"), style).run(NO, faults=[Redrive("recovery", after=2000)]))
    assert run.ending == "STUCK"


def test_an_action_that_asks_once_too_often_is_over_its_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    commit = LocalLedger.commit

    def curious(self: LocalLedger, command: Command, *args: object) -> object:
        Sagas(self.store).state(SagaKey.of(command))
        return commit(self, command, *args)  # type: ignore[arg-type]

    scenario = Scenario("TT", "orchestrated")
    assert judged(scenario, (), scenario.runner()(())) is None
    monkeypatch.setattr(LocalLedger, "commit", curious)
    finding = judged(scenario, (), scenario.runner()(()))
    assert finding
    assert "its budget is 1" in str(finding)


def test_an_external_effect_that_nothing_undoes_may_come_after_the_end_but_one_that_is_undone_may_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late = [Slow("b.action", call=2, seconds=100.0)]
    mail, charge = (Scenario(shape, "orchestrated", attempts=0).runner() for shape in ("X°X°", "X°X"))
    run = held(mail(late))
    assert [effect.at > run.announced[-1].at for effect in effects(run)] == [False, True]
    held(charge(late))
    ledger.lease_not_waited_for(monkeypatch)
    assert "was COMPENSATED when the effect of 'b' changed by 1" in str(violations(run := charge(late), effects(run)))
