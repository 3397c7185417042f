"""What a saga costs: the prices, and what is counted with stand-ins for a definition's participants."""

import pytest

from cdk_saga import NOTHING_TO_UNDO, Parallel, Saga, Step
from cdk_saga.cost import Assumptions, Line, Usage
from cdk_saga.cost.prices import TRANSITION
from saga_cli.simulated import compare
from sagas import TRIP, step


def lines(saga: Saga, assumptions: Assumptions | None = None) -> dict[str, Line]:
    return {line.course: line for line in compare(saga, assumptions).lines}


def machine(tasks: int) -> Usage:
    """A textbook state machine: a transition to begin and one to end besides, and nobody is told."""
    return Usage(transitions=tasks + 2, invocations=tasks, gb_seconds=0.025 * tasks, write_units=4 * tasks + 2)


def events(tasks: int, *, batch: int = 1) -> Usage:
    """A textbook choreography: also whoever hears of the ending is a queue and a function."""
    return Usage(
        events=tasks + 1,
        sqs_requests=(tasks + 1) * (1 + 2 / batch),
        invocations=tasks + 1,
        gb_seconds=0.025 * (tasks + 1),
        write_units=4 * tasks + 2,
    )


@pytest.mark.parametrize(
    ("usage", "dollars"),
    [
        (machine(3), 135),
        (machine(10), 332),
        (machine(6), 220),
        (machine(20), 612),
        (events(3), 20),
        (events(10), 56),
        (events(3, batch=10), 17),
        (events(10, batch=10), 48),
        (events(6), 35),
        (events(20), 109),
    ],
)
def test_the_prices_make_the_published_table(usage: Usage, dollars: int) -> None:
    """Worked out by others: 3 and 10 steps, as a Standard workflow and as events, and with every step undone."""
    assert usage.total == pytest.approx(dollars, abs=1)


def test_a_happy_state_machine_has_two_transitions_less_and_is_told_to_the_bus() -> None:
    ours = lines(TRIP)["all goes well"].orchestrated
    assert (ours.transitions, ours.events, ours.invocations) == (3, 1, 3)
    assert ours.write_units == (2 * (3 * 2 + 2)) + 3 + 2, "three transactions; a place in each of two indexes and out"


def test_a_happy_choreography_needs_nothing_that_hears_of_its_ending() -> None:
    ours = lines(TRIP)["all goes well"].choreographed
    assert (ours.events, ours.sqs_requests, ours.invocations) == (4, 9, 3)


def test_a_step_that_times_out_at_a_provider_meets_its_own_lease() -> None:
    outside = Assumptions(external=frozenset({"transfer"}))
    local, external = (lines(TRIP, given)["transfer times out"] for given in (Assumptions(), outside))
    assert external.orchestrated.transitions > local.orchestrated.transitions


def test_past_the_pivot_a_failure_is_stuck_and_undoes_nothing() -> None:
    def one(name: str, *, pivot: bool = False) -> Step:
        return Step(name, participant=name, action=f"do_{name}", compensation=NOTHING_TO_UNDO, pivot=pivot)

    usage = lines(Saga("order", [one("pay", pivot=True), one("tell")]))
    assert usage["tell unknown"].ending == "STUCK"
    assert usage["tell unknown"].orchestrated.transitions == 2 + 3


def test_members_of_a_group_are_each_done_and_each_undone() -> None:
    saga = Saga("stay", [step("flight"), Parallel("there", step("hotel"), [step("car"), step("fuel")]), step("guide")])
    assert lines(saga)["guide rejected"].orchestrated.transitions == 5 + 4 + 2 + 1, "two Parallel states, a failing end"


def test_a_step_that_waits_costs_its_callback_and_its_answer() -> None:
    saga = Saga(
        "trip",
        [Step("ok", participant="boss", action="ask", compensation="withdraw", callback_timeout=60), step("hotel")],
    )
    found = lines(saga)
    assert found["ok rejected"].ending == found["ok unanswered"].ending == "COMPENSATED"
    assert found["all goes well"].orchestrated.invocations == 2 + 1, "recovery takes the answer"


@pytest.mark.parametrize(("size", "dollars"), [(3_000, 7.5), (10_000, 26)])
def test_a_large_input_is_written_again_at_each_change(size: int, dollars: float) -> None:
    small, large = (lines(TRIP, Assumptions(input_bytes=n))["all goes well"].orchestrated.total for n in (0, size))
    assert large - small == pytest.approx(dollars, rel=0.2)


def test_more_memory_and_no_writes_of_its_own_are_counted() -> None:
    heavy = lines(TRIP, Assumptions(memory_size=1024, milliseconds=1000, own_writes=0))["all goes well"].orchestrated
    assert heavy.gb_seconds == 3
    assert heavy.write_units < lines(TRIP)["all goes well"].orchestrated.write_units


def test_choreography_is_cheaper_once_enough_sagas_pay_for_its_idle_queues() -> None:
    comparison = compare(TRIP)
    happy = comparison.lines[0]
    assert comparison.cheaper == "choreographed"
    assert comparison.idle == pytest.approx((7 * 259_200 * 0.4e-6, 7 * 648_000 * 0.4e-6))
    assert comparison.crossover is not None
    for sagas, idle in zip(comparison.crossover, comparison.idle, strict=True):
        orchestrated, choreographed = (sagas * one.total / 1e6 for one in (happy.orchestrated, happy.choreographed))
        assert orchestrated == pytest.approx(choreographed + idle)


def test_what_is_paid_for_is_told_apart() -> None:
    dollars = lines(TRIP)["all goes well"].orchestrated.dollars
    assert dollars["transitions"] == pytest.approx(3 * TRANSITION * 1e6)
    assert set(dollars) == {*vars(Usage())}
