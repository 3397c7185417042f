"""Advice: what is worth a second thought, with an id to acknowledge it by."""

from dataclasses import replace

from cdk_saga import Retry, Saga
from cdk_saga.plan import advise
from sagas import TRIP, saga, step


def ids(definition: Saga, *, choreographed: bool = False) -> list[str]:
    return [advice.id for advice in advise(definition, choreographed=choreographed)]


def test_an_ordinary_saga_needs_no_advice() -> None:
    assert ids(TRIP) == ids(TRIP, choreographed=True) == []


def test_one_participant_needs_a_transaction_not_a_saga() -> None:
    own = [replace(step(name), participant="shop") for name in ("pay", "pack")]
    assert ids(Saga("order", own)) == ["cdk-saga:OneParticipant"]


def test_a_compensation_after_the_pivot_is_never_used() -> None:
    late = Saga("order", [replace(step("pay"), pivot=True), step("tell")])
    (advice,) = advise(late)
    assert advice.id == "cdk-saga:CompensationAfterPivot"
    assert advice.text.startswith("saga 'order': step 'tell' is never compensated")


def test_a_compensation_should_not_give_up_before_its_action() -> None:
    hasty = replace(step("pay"), retry=Retry(max_attempts=5), compensation_retry=Retry(max_attempts=2))
    assert ids(Saga("order", [hasty, step("pack")])) == ["cdk-saga:HastyCompensation"]


def test_a_long_choreography_is_hard_to_follow() -> None:
    long = saga(*"abcdef")
    assert ids(long, choreographed=True) == ["cdk-saga:LongChoreography"]
    assert ids(long) == []


def test_a_wait_should_end_before_the_deadline() -> None:
    waits = replace(step("pay"), callback_timeout=7200)
    (advice,) = advise(Saga("order", [waits, step("pack")], deadline=600))
    assert advice.id == "cdk-saga:WaitBeyondDeadline"
    assert "step 'pay' may wait 7,200 seconds, longer than the saga's deadline of 600" in advice.text
    assert ids(Saga("order", [waits, step("pack")], deadline=7200)) == []
