"""Sagas are found by their names, in the outputs of the stacks."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.conftest import Stacks
from saga_cli.errors import BadRequest
from saga_cli.targets import chosen, deployed
from saga_runtime.client import Target

TRIP = {"name": "trip", "version": "v1", "style": "orchestrated", "where": "arn:machine", "recovery": "trip-recovery"}
ORDER = {
    "name": "order",
    "version": "v1",
    "style": "choreographed",
    "where": "bus",
    "recovery": "recovery",
    "later": True,
}


def test_every_saga_is_found_and_nothing_else(stacks: Any) -> None:
    stacks.deploy("dev-Trip", TripStart=TRIP)
    stacks.deploy("dev-Order", OrderStart=ORDER, Colour="blue")
    stacks.deploy("empty")
    stacks.deploy("somebody-else", KickStart="now", ColdStart=["engine"], HeadStart={"name": "running"})
    assert [(one.stack, one.target.name) for one in deployed(stacks)] == [
        ("dev-Order", "order"),
        ("dev-Trip", "trip"),
    ]


def test_of_several_stages_one_is_chosen(stacks: Any) -> None:
    stacks.deploy("dev-Trip", TripStart=TRIP)
    stacks.deploy("prod-Trip", TripStart={**TRIP, "where": "arn:prod"})
    with pytest.raises(BadRequest, match="deployed in several stacks: dev-Trip, prod-Trip; choose with --stage"):
        chosen("trip", deployed(stacks))
    assert chosen("trip", deployed(stacks, stage="prod")).where == "arn:prod"
    assert chosen("trip", deployed(stacks, stack="dev-T*")).where == "arn:machine"


def test_who_asks_for_a_saga_that_is_not_there_is_told_what_is(stacks: Any) -> None:
    stacks.deploy("dev-Trip", TripStart=TRIP)
    with pytest.raises(BadRequest, match="no saga 'tirp' is deployed in this account and Region; there are: trip"):
        chosen("tirp", deployed(stacks))


FIELDS = st.sampled_from([*(field.name for field in fields(Target)), "later"])
ODD = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
VALUES = ODD | st.lists(ODD, max_size=2) | st.dictionaries(st.text(max_size=3), ODD, max_size=2)


@given(changes=st.dictionaries(FIELDS, VALUES, max_size=4))
def test_whatever_a_stranger_puts_into_an_output_the_other_sagas_are_found(changes: dict[str, Any]) -> None:
    stacks = Stacks()
    stacks.deploy("dev-Order", OrderStart=ORDER)
    stacks.deploy("stranger", TripStart={**TRIP, **changes})
    found = {one.stack: one.target for one in deployed(stacks)}
    assert found["dev-Order"].name == "order"
    if (told := found.get("stranger")) is not None:
        assert {
            type(getattr(told, field)) for field in ("name", "version", "style", "where", "recovery", "ledger")
        } == {str}
        assert sorted([told.name, told.where, *told.steps, *told.callback_steps, told.dead_letters]) is not None


@pytest.mark.parametrize("output", ["[" * 100_000, '{"a":' * 5_000, "9" * 5_000, "\ud800", "NaN", '"trip"', ""])
def test_an_output_that_is_no_target_is_passed_by(output: str, stacks: Any) -> None:
    stacks.deploy("stranger", TripStart=output)
    assert deployed(stacks) == []
