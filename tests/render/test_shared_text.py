"""What CloudFormation substitutes gives the very definition that was rendered."""

import json
import re
from typing import Any

import pytest

from cdk_saga import Parallel, Saga
from cdk_saga.plan import compile_saga
from cdk_saga.render import state_machine, with_shared_text
from cdk_saga.render.shared_text import SHARED
from cdk_saga.render.state_machine import placeholder
from sagas import TRIP, saga, step

GROUP = Saga("group", [step("flight"), Parallel("stay", step("hotel"), step("car"))])
LONE = saga("lone")


def rendered(definition: Saga) -> dict[str, Any]:
    return state_machine(compile_saga(definition), timeouts=dict.fromkeys(definition.participants, 15))


@pytest.mark.parametrize("definition", [TRIP, GROUP, LONE], ids=["trip", "group", "lone"])
def test_the_substituted_text_is_the_definition(definition: Saga) -> None:
    text, shared = with_shared_text(rendered(definition))
    whole = re.sub(r"\$\{(\w+)\}", lambda key: shared.get(key[1], key[0]), text)
    assert json.loads(whole) == rendered(definition)


def test_what_is_shared_stands_in_no_state() -> None:
    text, shared = with_shared_text(rendered(TRIP))
    assert shared == SHARED
    assert not [value for value in shared.values() if value in text]


def test_the_text_is_json_before_it_is_substituted_too() -> None:
    text, _ = with_shared_text(rendered(TRIP))
    assert json.loads(text)["States"]["hotel"]["Arguments"]["attempt"] == "${0attempt}"


def test_nothing_is_substituted_that_no_state_says() -> None:
    assert with_shared_text({"StartAt": "a", "States": {}})[1] == {}


def test_no_participant_has_the_key_of_a_shared_text() -> None:
    assert not {placeholder(name) for name in ("a0error", "attempt", "error")} & SHARED.keys()


def test_no_shared_text_holds_the_key_of_another() -> None:
    assert not [value for value in SHARED.values() if "${" in value]
