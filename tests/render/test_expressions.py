"""Every JSONata expression of a state machine means to JSONata's own implementation what it means to the simulator."""

import json
import re
from collections.abc import Iterator
from itertools import chain, product
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings

from cdk_saga import Saga
from cdk_saga.plan import compile_saga
from cdk_saga.render import state_machine
from cdk_saga.testing.services.expressions import EvaluationError, expression, interpreted
from render.javascript import NO_VALUE, JavaScript, javascript
from simulation.generated import shapes
from simulation.searches import ABORTED, DYING, DYING_TOO, THREE, TWO
from simulation.shapes import GROUPS, WAITING, saga, sequences
from stacks.business_trip import business_trip
from stacks.order import order
from stacks.trip import trip

Json = dict[str, Any]
SEARCHED: Final = (
    *chain.from_iterable(map(sequences, (1, 2))),
    *(*TWO, *ABORTED, *THREE, *DYING, *DYING_TOO, *GROUPS, *WAITING),
)
ASTRAL: Final = "\U0001f3e8"
ERRORS: Final = (
    {"Error": "Rejected", "Cause": '{"errorMessage": "no rooms", "errorType": "Rejected"}'},
    {"Error": "Lambda.Unknown", "Cause": ""},
    *({"Error": "États.ALL", "Cause": text * n} for text in ("x", "é", ASTRAL) for n in (1999, 2000, 2001)),
    {"Error": "States.Timeout", "Cause": f"{'x' * 1999}{ASTRAL}x"},
)
FAILURES: Final = (
    None,
    {"step": "a", "outcome": "unknown", "Error": "Rejected", "Cause": 'say "no"\n\t\\ \u2028 é'},
    {"step": "a", "outcome": "rejected", "Error": "Rejected", "Cause": ASTRAL, "stuck": []},
    {"step": "b", "outcome": "unknown", "Error": "Busy", "Cause": "", "stuck": ["a"]},
    {"step": "b", "outcome": "unknown", "Error": "Busy", "Cause": "", "stuck": ["b", "a"]},
)
RESULTS: Final = (
    {},
    {"a": {}},
    {"a": {"list": [], "one": [1], "nested": [[1], [[]]], "none": None, "no": False, "text": ""}},
    {"a": {"big": 2**53 - 1, "small": -(2**53) + 1, "float": 0.1, "tiny": 5e-324, "huge": 1.5e300}, "b": {"é": ASTRAL}},
)


def given_to(failure: Json | None, results: Json) -> Json:
    return {"name": "order", "id": "o-1", "input": {"lines": [{"n": 1}]}, "results": results, "failure": failure}


INPUTS: Final = tuple(given_to(failure, results) for failure, results in product(FAILURES, RESULTS))
FAILED: Final[tuple[Json, ...]] = tuple({"input": one} for one in INPUTS if one["failure"])
CALLED: Final[tuple[Json, ...]] = tuple(
    {"input": one, "context": {"State": {"RetryCount": n}, "Task": {"Token": "t+/="}}} for one in INPUTS for n in (0, 9)
)
CAUGHT: Final[tuple[Json, ...]] = (
    *({"input": one, "errorOutput": ERRORS[0]} for one in INPUTS),
    *({"input": INPUTS[0], "errorOutput": error} for error in ERRORS),
)
JOINED: Final[tuple[Json, ...]] = (
    *({"input": INPUTS[0], "result": list(pair)} for pair in product(INPUTS[::3], repeat=2)),
    *({"input": one, "result": [INPUTS[-1], INPUTS[9], INPUTS[-2]]} for one in INPUTS),
)
"""What `$states` is in each field of a state: the saga as it may be there, and what that field knows besides."""


@pytest.fixture(name="node", scope="module")
def running_node() -> Iterator[JavaScript]:
    with javascript() as node:
        yield node


def expressions(definition: Saga) -> dict[str, tuple[Json, ...]]:
    """The expressions of a saga's machine, with what `$states` may be for each."""
    machine = state_machine(compile_saga(definition), timeouts=dict.fromkeys(definition.participants, 15))
    return dict(_found(machine))


def _found(part: Any, known: tuple[Json, ...] = FAILED) -> Iterator[tuple[str, tuple[Json, ...]]]:
    match part:
        case str() if whole := re.fullmatch(r"\{%(.*)%\}", part, re.DOTALL):
            yield whole[1], known
        case dict():
            for name, inner in part.items():
                yield from _found(inner, _known(part, name) or known)
        case list():
            for inner in part:
                yield from _found(inner, known)
        case _:
            pass


def _known(state: Json, field: str) -> tuple[Json, ...] | None:
    match field:
        case "Arguments":
            return CALLED
        case "Output":
            return CAUGHT if "ErrorEquals" in state else JOINED
        case _:
            return None


def by_python(text: str, states: Json) -> Any:
    try:
        return interpreted(text)(states)
    except EvaluationError:
        return NO_VALUE


def differences(node: JavaScript, definition: Saga, seen: set[str]) -> list[str]:
    found = {text: known for text, known in expressions(definition).items() if text not in seen}
    seen.update(found)
    return [
        f"{text} of {json.dumps(states)}: {ours!r} in Python, {theirs!r} in JavaScript"
        for text, known in found.items()
        for states in known
        if _told(ours := by_python(text, states)) != _told(theirs := node.value(text, states))
    ]


def _told(value: Any) -> str:
    return "no value" if value is NO_VALUE else json.dumps(value, sort_keys=True)


@pytest.mark.parametrize("definition", [trip, order, business_trip], ids=lambda saga: saga.name)
def test_the_examples_expressions_mean_the_same_in_javascript(node: JavaScript, definition: Saga) -> None:
    assert differences(node, definition, set()) == []


def test_the_expressions_of_every_shape_of_the_searches_mean_the_same_in_javascript(node: JavaScript) -> None:
    seen = set[str]()
    assert [told for shape in SEARCHED for told in differences(node, saga(shape), seen)] == []
    assert len(seen) > len(GROUPS)


def test_the_expressions_of_generated_shapes_mean_the_same_in_javascript(node: JavaScript) -> None:
    seen = set[str]()

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(shapes)
    def check(shape: str) -> None:
        assert differences(node, saga(shape), seen) == []

    check()


def test_what_the_simulator_evaluates_without_an_interpreter_means_the_same(node: JavaScript) -> None:
    for text, known in expressions(business_trip).items():
        for states in known[:9]:
            assert _told(expression(text)(states)) == _told(node.value(text, states))


def test_an_expression_that_has_no_value_has_none_in_either(node: JavaScript) -> None:
    for text in ("$states.missing", "$nothing(1)", "1 + 'a'"):
        assert by_python(text, {}) is node.value(text, {}) is NO_VALUE
