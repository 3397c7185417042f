"""A definition is data: equal when written equally, and refused at once when it cannot mean anything."""

import dataclasses
import subprocess
import sys
from typing import Any

import pytest

from cdk_saga import NOTHING_TO_UNDO, DefinitionError, Retry, Saga, Step
from sagas import TRIP, saga, step


def refused(make: Any) -> str:
    with pytest.raises(DefinitionError) as caught:
        make()
    return str(caught.value)


def test_a_definition_needs_neither_cdk_nor_aws() -> None:
    program = "import sys, cdk_saga.plan, cdk_saga.render; print({'aws_cdk', 'jsii', 'boto3'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "set()"


def test_a_definition_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        TRIP.name = "other"  # type: ignore[misc]


def test_equal_definitions_have_equal_versions() -> None:
    assert saga("flight", "hotel").version == saga("flight", "hotel").version


def test_a_new_release_of_the_library_gives_no_saga_another_version() -> None:
    # Rules of a choreographed saga match its version: with another one, sagas in flight would find none.
    assert TRIP.version == "fc048457a0aa"


@pytest.mark.parametrize(
    "other",
    [
        saga("hotel", "flight"),
        saga("flight"),
        saga("flight", "hotel", nothing_to_undo=("hotel",)),
        Saga("trip", [step("flight"), dataclasses.replace(step("hotel"), retry=Retry(max_attempts=4))]),
        Saga("trip", [step("flight"), dataclasses.replace(step("hotel"), participant="inns")]),
    ],
)
def test_another_definition_has_another_version(other: Saga) -> None:
    assert other.version != saga("flight", "hotel").version


def test_participants_are_named_once_in_order_of_use() -> None:
    again = dataclasses.replace(step("seat"), participant="flights")
    assert Saga("trip", [step("flight"), step("hotel"), again]).participants == ("flights", "hotels")


def test_a_saga_without_steps_is_refused() -> None:
    assert refused(lambda: Saga("trip", [])) == "saga 'trip' has 0 steps: give it 1 to 99"


def test_more_steps_than_one_transaction_can_fence_are_refused() -> None:
    assert "has 100 steps: give it 1 to 99" in refused(lambda: saga(*(f"s{i}" for i in range(100))))


def test_two_steps_of_one_name_are_refused() -> None:
    assert refused(lambda: saga("flight", "flight")) == "saga 'trip' has two steps named 'flight': rename one"


@pytest.mark.parametrize("name", ["", None, 7])
def test_a_missing_name_is_refused(name: Any) -> None:
    assert f"got {name!r}; give it one" in refused(lambda: Saga(name, [step("flight")]))


@pytest.mark.parametrize("name", ["book hotel", "1st", "hötel", "a.b", "a/b", "${x}", "hotel\n"])
def test_a_name_that_aws_refuses_somewhere_is_refused(name: str) -> None:
    assert repr(name) in refused(lambda: step(name))


def test_a_step_name_too_long_for_a_state_is_refused() -> None:
    assert "has 65 characters, the limit is 64: shorten it" in refused(lambda: step("s" * 65))


def test_the_word_saga_is_kept_for_the_events_of_the_whole() -> None:
    assert "rename the step" in refused(lambda: step("saga"))


def test_a_compensation_has_no_default() -> None:
    with pytest.raises(TypeError, match="compensation"):
        Step("hotel", participant="hotels", action="book_hotel")  # type: ignore[call-arg]


@pytest.mark.parametrize("compensation", ["", None])
def test_an_empty_compensation_is_not_the_same_as_nothing_to_undo(compensation: Any) -> None:
    text = refused(lambda: Step("hotel", participant="hotels", action="book_hotel", compensation=compensation))
    assert "say NOTHING_TO_UNDO" in text


def test_nothing_to_undo_reads_as_it_is_written() -> None:
    assert repr(NOTHING_TO_UNDO) == "NOTHING_TO_UNDO"


def test_an_action_cannot_be_its_own_compensation() -> None:
    text = refused(lambda: Step("hotel", participant="hotels", action="book", compensation="book"))
    assert "they are two handlers" in text


WRONG: list[dict[str, Any]] = [
    {"max_attempts": -1},
    {"max_attempts": 801},
    {"max_attempts": True},
    {"interval": 0},
    {"interval": 1.5},
    {"max_delay": 0},
    {"max_delay": 36_001},
    {"backoff_rate": 0.5},
    {"backoff_rate": float("nan")},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_retry_policy_outside_the_limits_is_refused(wrong: dict[str, Any]) -> None:
    name, value = next(iter(wrong.items()))
    assert f"Retry: {name} is {value!r}" in refused(lambda: Retry(**wrong))


def test_a_first_wait_beyond_the_cap_is_refused() -> None:
    assert "Retry: max_delay is 60: use whole seconds from 90" in refused(lambda: Retry(interval=90))


def test_a_ladder_grows_by_its_factor_up_to_its_cap() -> None:
    ladder = Retry(max_attempts=5, interval=2, backoff_rate=3, max_delay=20)
    assert [ladder.longest_wait(n) for n in range(1, 6)] == [2, 6, 18, 20, 20]


def test_a_something_that_is_no_step_is_refused() -> None:
    assert "is not a step" in refused(lambda: Saga("trip", ["flight"]))  # type: ignore[list-item]


def test_a_policy_that_is_no_retry_is_refused() -> None:
    assert "use Retry(...)" in refused(lambda: dataclasses.replace(step("hotel"), retry=3))


def test_there_is_one_point_of_no_return() -> None:
    pivots = [dataclasses.replace(step(name), pivot=True) for name in ("pay", "ship")]
    assert "has the pivots ['pay', 'ship']" in refused(lambda: Saga("order", pivots))


@pytest.mark.parametrize("deadline", [0, -1, 31_536_001, 1.5, True, "soon"])
def test_a_deadline_out_of_range_is_refused(deadline: Any) -> None:
    text = refused(lambda: Saga("t", [step("a")], deadline=deadline))
    assert f"deadline is {deadline!r}: use None, or whole seconds" in text


def test_another_word_for_what_follows_a_stuck_compensation_is_refused() -> None:
    word: Any = "ignore"
    text = refused(lambda: Saga("trip", [step("flight")], on_compensation_failure=word))
    assert text == "saga 'trip': on_compensation_failure is 'ignore'; use one of stop, continue"


@pytest.mark.parametrize("waits", [0, -1, 864_001, 1.5, True, "long"])
def test_a_wait_is_whole_seconds_of_at_most_ten_days(waits: Any) -> None:
    text = refused(lambda: dataclasses.replace(step("hotel"), callback_timeout=waits))
    assert text.startswith(f"step 'hotel': callback_timeout is {waits!r}: use None, or whole seconds from 1 to 864,000")
