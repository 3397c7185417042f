"""What a saga costs, worked out by hand."""

import pytest

from cdk_saga import NOTHING_TO_UNDO, Saga, Step, Together
from cdk_saga.cost import Assumptions, Line, Usage, compare
from cdk_saga.cost.courses import courses
from cdk_saga.cost.prices import TRANSITION
from cdk_saga.plan import Ending, compile_saga
from sagas import TRIP, step


def lines(saga: Saga, assumptions: Assumptions | None = None) -> dict[str, Line]:
    return {line.course: line for line in compare(compile_saga(saga), assumptions).lines}


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
    ours, textbook = lines(TRIP)["all goes well"].orchestrated, machine(3)
    assert (ours.transitions, ours.events, ours.invocations) == (3, 1, 3)
    assert ours.write_units == textbook.write_units + 2 + 3, "COMPLETED is an item's second change; the index, two"
    assert ours.total == pytest.approx(textbook.total - 2 * 25 + 1 + 5 * 0.625)


def test_a_happy_choreography_needs_nobody_who_hears_of_its_ending() -> None:
    ours, textbook = lines(TRIP)["all goes well"].choreographed, events(3)
    assert (ours.events, ours.sqs_requests, ours.invocations) == (4, 9, 3)
    assert ours.total == pytest.approx(textbook.total - 3 * 0.4 - 0.2 - 0.025 * 13.3334 + 5 * 0.625)


def test_a_rejection_is_undone_step_by_step_and_never_retried() -> None:
    usage = lines(TRIP)["transfer rejected"]
    assert usage.ending is Ending.COMPENSATED
    assert usage.orchestrated.transitions == 3 + 2 + 1, "three actions, two compensations, the failing end"
    assert usage.orchestrated.invocations == 5 + 1, "the relay looks at every execution that failed"
    assert (usage.choreographed.events, usage.choreographed.invocations) == (6, 5)


def test_a_step_given_up_costs_its_attempts_its_own_compensation_and_the_relay() -> None:
    usage = lines(TRIP)["transfer unknown"]
    assert usage.orchestrated.transitions == (3 + 3) + 3 + 1, "three further attempts"
    assert usage.choreographed.invocations == (3 + 3) + 3 + 1
    assert usage.choreographed.sqs_requests == 6 + (9 + 1) + (6 + 1), "sent, received, deleted"
    assert usage.choreographed.write_units - usage.orchestrated.write_units == 2 * (1 + 3), "META and three fences"


def test_past_the_pivot_a_failure_is_stuck_and_undoes_nothing() -> None:
    def one(name: str, *, pivot: bool = False) -> Step:
        return Step(name, participant=name, action=f"do_{name}", compensation=NOTHING_TO_UNDO, pivot=pivot)

    usage = lines(Saga("order", [one("pay", pivot=True), one("tell")]))
    assert usage["tell unknown"].ending is Ending.STUCK
    assert usage["tell unknown"].orchestrated.transitions == 2 + 3


def test_members_of_a_group_are_each_done_and_each_undone() -> None:
    saga = Saga("stay", [step("flight"), Together("there", step("hotel"), [step("car"), step("fuel")]), step("guide")])
    found = {course.name: [task.id.step for task in course.tasks] for course in courses(compile_saga(saga))}
    assert found["all goes well"] == ["flight", "hotel", "car", "fuel", "guide"]
    assert found["car rejected"] == ["flight", "hotel", "car", "fuel", "hotel", "fuel", "car", "flight"]
    assert lines(saga)["car rejected"].orchestrated.transitions == 8 + 2 + 1, "two Parallel states, the failing end"


def test_a_larger_batch_saves_requests_and_more_memory_costs() -> None:
    plain, batched = (lines(TRIP, Assumptions(batch=n))["all goes well"].choreographed for n in (1, 10))
    assert plain.sqs_requests - batched.sqs_requests == pytest.approx(2 * 3 * 0.9)
    heavy = lines(TRIP, Assumptions(memory_size=1024, milliseconds=1000, own_writes=0))["all goes well"]
    assert (heavy.orchestrated.gb_seconds, heavy.orchestrated.write_units) == (3, 13)


def test_choreography_is_cheaper_once_enough_sagas_pay_for_its_idle_queues() -> None:
    comparison = compare(compile_saga(TRIP))
    assert comparison.cheaper == "choreographed"
    assert comparison.idle == pytest.approx(7 * 648_000 * 0.4e-6)
    happy = comparison.lines[0]
    crossover = comparison.crossover
    assert crossover is not None
    at_the_crossover = [crossover * usage.total / 1e6 for usage in (happy.orchestrated, happy.choreographed)]
    assert at_the_crossover[0] == pytest.approx(at_the_crossover[1] + comparison.idle)


def test_what_is_paid_for_is_told_apart() -> None:
    dollars = lines(TRIP)["all goes well"].orchestrated.dollars
    assert dollars["transitions"] == pytest.approx(3 * TRANSITION * 1e6)
    assert set(dollars) == {"transitions", "events", "sqs_requests", "invocations", "gb_seconds", "write_units"}
