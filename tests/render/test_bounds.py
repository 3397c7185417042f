"""AWS's limits, where a rendering meets them: the text shows the value, the limit and the way out."""

import json

import pytest

from cdk_saga import DefinitionError, Parallel, Retry, Saga, Step
from cdk_saga.limits import (
    DEFINITION_SIZE,
    DETAIL_TYPE,
    EVENT_PATTERN,
    HISTORY,
    INPUT_TEMPLATE,
    SOURCE,
    STATE_NAME,
)
from cdk_saga.plan import compile_saga
from cdk_saga.render import routes, state_machine
from cdk_saga.render.bounds import machine_within_limits

LONG = "x" * 60


def named(i: int, retry: Retry = Retry()) -> Step:  # noqa: B008 # frozen
    """A step with the longest names there are."""
    handler = f"h{i:03}{'y' * 74}"
    return Step(
        f"s{i:03}{LONG}",
        participant=f"p{i:03}{LONG}",
        action=f"do{handler}",
        compensation=f"un{handler}",
        retry=retry,
        compensation_retry=retry,
    )


def machine(saga: Saga) -> dict[str, object]:
    return state_machine(compile_saga(saga), timeouts=dict.fromkeys(saga.participants, 30))


def test_the_longest_names_fit_everywhere() -> None:
    saga = Saga("n" * 64, [named(1), Parallel("g" * 64, named(2), named(3)), named(4)])
    states = machine(saga)["States"]
    assert isinstance(states, dict)
    assert max(map(len, states)) == 64 + len(".compensation") <= STATE_NAME.most
    for route in routes(compile_saga(saga)):
        assert max(map(len, route.detail_types)) <= DETAIL_TYPE.most
        assert len(route.pattern["source"][0]) <= SOURCE.most
        assert len(json.dumps(route.pattern)) <= EVENT_PATTERN.most
        assert len(route.input_template) <= INPUT_TEMPLATE.most


def test_as_many_steps_as_a_saga_may_have_fit_with_the_usual_retries() -> None:
    assert machine(Saga("all", [named(i) for i in range(99)]))["States"]


def test_more_members_than_a_command_can_name_are_refused_in_both_styles() -> None:
    plan = compile_saga(Saga("wide", [Parallel("group", *(named(i) for i in range(70)))]))
    text = r"saga 'wide', step 's000x+', action: the task spec of a command .* of 9,\d+ bytes, the limit is 8,192; .*"
    with pytest.raises(DefinitionError, match=text + "fewer of them"):
        routes(plan)
    with pytest.raises(DefinitionError, match=text + "fewer of them"):
        state_machine(plan, timeouts=dict.fromkeys((task.participant for task in plan.tasks), 30))


def test_more_attempts_than_a_history_can_hold_are_refused() -> None:
    text = r"saga 'stubborn', if all its attempts were needed: history .* of 2\d,\d+ events, the limit is 25,000; give"
    with pytest.raises(DefinitionError, match=text):
        machine(Saga("stubborn", [named(i, Retry(max_attempts=800)) for i in range(4)]))
    assert HISTORY.most == 25_000


def test_a_definition_that_is_too_long_is_refused() -> None:
    definition = {"States": {f"state-{i}": {"Type": "Pass", "Comment": "z" * 10_000} for i in range(110)}}
    with pytest.raises(
        DefinitionError, match=r"definition of 1,1\d\d,\d+ characters, the limit is 1,048,576; .*two sagas"
    ):
        machine_within_limits(definition, "long")
    assert DEFINITION_SIZE.most == 2**20


def test_a_state_with_too_long_a_name_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"of 81 characters, the limit is 80; shorten"):
        machine_within_limits({"States": {"s" * 81: {"Type": "Pass"}}}, "long")
