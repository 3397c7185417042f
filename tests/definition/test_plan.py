"""The plan says where every outcome of every task leads (SPEC: the plan)."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cdk_saga import Saga
from cdk_saga.plan import Ending, Operation, Outcome, TaskId, compile_saga
from sagas import TRIP, saga, step


def do(step: str) -> TaskId:
    return TaskId(step, Operation.ACTION)


def undo(step: str) -> TaskId:
    return TaskId(step, Operation.COMPENSATION)


def table(definition: Saga) -> dict[TaskId, dict[Outcome, object]]:
    return {task.id: dict(task.on) for task in compile_saga(definition).tasks}


def test_a_success_leads_to_the_next_action_and_the_last_one_completes_the_saga() -> None:
    plan = table(TRIP)
    successes = [plan[do(name)][Outcome.SUCCEEDED] for name in ("flight", "hotel", "transfer")]
    assert successes == [do("hotel"), do("transfer"), Ending.COMPLETED]


def test_a_rejection_leads_to_the_compensation_of_the_step_before() -> None:
    plan = table(TRIP)
    rejections = [plan[do(name)][Outcome.REJECTED] for name in ("flight", "hotel", "transfer")]
    assert rejections == [Ending.COMPENSATED, undo("flight"), undo("hotel")]


def test_an_unknown_outcome_leads_to_the_compensation_of_the_failing_step_itself() -> None:
    plan = table(TRIP)
    unknowns = [plan[do(name)][Outcome.UNKNOWN] for name in ("flight", "hotel", "transfer")]
    assert unknowns == [undo("flight"), undo("hotel"), undo("transfer")]


def test_compensations_go_backwards() -> None:
    plan = table(TRIP)
    back = [plan[undo(name)][Outcome.COMPENSATED] for name in ("transfer", "hotel", "flight")]
    assert back == [undo("hotel"), undo("flight"), Ending.COMPENSATED]


def test_an_exhausted_compensation_is_stuck() -> None:
    assert table(TRIP)[undo("hotel")][Outcome.STUCK] is Ending.STUCK


def test_compensation_passes_by_a_step_with_nothing_to_undo() -> None:
    plan = table(saga("flight", "quote", "hotel", nothing_to_undo=("quote",)))
    assert plan[do("quote")][Outcome.UNKNOWN] == undo("flight")
    assert plan[undo("hotel")][Outcome.COMPENSATED] == undo("flight")
    assert undo("quote") not in plan


def test_with_nothing_to_undo_anywhere_every_failure_ends_compensated() -> None:
    plan = table(saga("a", "b", nothing_to_undo=("a", "b")))
    assert plan[do("b")] == {
        Outcome.SUCCEEDED: Ending.COMPLETED,
        Outcome.REJECTED: Ending.COMPENSATED,
        Outcome.UNKNOWN: Ending.COMPENSATED,
    }


def test_position_flags_travel_so_that_no_participant_knows_the_definition() -> None:
    plan = compile_saga(TRIP)
    payloads = [plan.payload(task) for task in plan.tasks]
    assert [(p["step"], p["operation"], p.get("first"), p.get("ends")) for p in payloads] == [
        ("flight", "action", True, {"rejected": "COMPENSATED"}),
        ("hotel", "action", None, None),
        ("transfer", "action", None, {"succeeded": "COMPLETED"}),
        ("transfer", "compensation", None, None),
        ("hotel", "compensation", None, None),
        ("flight", "compensation", None, {"compensated": "COMPENSATED"}),
    ]


ORDER = Saga("order", [step("pay"), replace(step("ship"), pivot=True), step("tell", undo=False), step("ask")])


def test_up_to_the_pivot_everything_can_be_undone() -> None:
    plan = table(ORDER)
    assert plan[do("ship")][Outcome.UNKNOWN] == undo("ship")
    assert plan[do("ship")][Outcome.REJECTED] == undo("pay")


def test_after_the_pivot_a_failure_is_stuck_and_nothing_is_undone() -> None:
    plan = table(ORDER)
    assert plan[do("tell")] == {
        Outcome.SUCCEEDED: do("ask"),
        Outcome.REJECTED: Ending.STUCK,
        Outcome.UNKNOWN: Ending.STUCK,
    }
    assert undo("ask") not in plan


def test_a_participant_is_told_where_the_pivot_is() -> None:
    plan = compile_saga(ORDER)
    payloads = [plan.payload(task) for task in plan.tasks]
    assert [(p["step"], p.get("pivot"), p.get("after_pivot")) for p in payloads][:4] == [
        ("pay", None, None),
        ("ship", True, None),
        ("tell", None, True),
        ("ask", None, True),
    ]


def test_a_compensation_that_goes_on_leads_past_a_compensation_that_keeps_failing() -> None:
    plan = table(replace(saga("a", "b"), on_compensation_failure="continue"))
    assert plan[undo("b")][Outcome.STUCK] == plan[undo("b")][Outcome.COMPENSATED] == undo("a")
    assert plan[undo("a")][Outcome.STUCK] is Ending.STUCK
    assert table(saga("a", "b"))[undo("b")][Outcome.STUCK] is Ending.STUCK


def test_a_step_that_waits_has_asked_so_a_rejection_undoes_it_too() -> None:
    waiting = Saga("order", [step("a"), replace(step("b"), callback_timeout=60)])
    assert table(waiting)[do("b")][Outcome.REJECTED] == undo("b")
    assert compile_saga(waiting).payload(compile_saga(waiting).tasks[1])["callback_timeout"] == 60


def test_the_first_compensation_fences_the_steps_that_lead_to_it_and_have_none() -> None:
    plan = compile_saga(saga("a", "b", "c", "d", "e", nothing_to_undo=("b", "c", "e")))
    fences = {task.id: plan.payload(task).get("fences") for task in plan.tasks}
    assert {id: steps for id, steps in fences.items() if steps} == {undo("a"): ["b", "c"], undo("d"): ["e"]}


@st.composite
def sagas(draw: st.DrawFn) -> Saga:
    names = [f"s{i}" for i in range(draw(st.integers(1, 8)))]
    return saga(*names, nothing_to_undo=tuple(draw(st.sets(st.sampled_from(names)))))


@given(sagas())
def test_every_path_ends_and_every_task_can_be_reached(definition: Saga) -> None:
    plan = compile_saga(definition)
    rows = {task.id: task for task in plan.tasks}
    depth: dict[TaskId, int] = {}

    def longest(task: TaskId) -> int:
        if task not in depth:
            targets = [target for target in rows[task].on.values() if isinstance(target, TaskId)]
            depth[task] = 1 + max((longest(target) for target in targets), default=0)
        return depth[task]

    assert longest(plan.tasks[0].id) <= 2 * len(definition.all_steps)
    assert set(depth) == set(rows)


@given(sagas())
def test_failing_at_step_k_compensates_exactly_what_may_have_happened_last_first(definition: Saga) -> None:
    plan = {task.id: task for task in compile_saga(definition).tasks}
    undoable = [name for name in (s.name for s in definition.all_steps) if undo(name) in plan]
    for k, failing in enumerate(definition.all_steps):
        before = [name for name in undoable if name in [step.name for step in definition.all_steps[: k + 1]]]
        target, seen = plan[do(failing.name)].on[Outcome.UNKNOWN], list[str]()
        while isinstance(target, TaskId):
            seen.append(target.step)
            target = plan[target].on[Outcome.COMPENSATED]
        assert seen == before[::-1]
        assert target is Ending.COMPENSATED
