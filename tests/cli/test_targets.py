"""Sagas are found by their names, in the outputs of the stacks."""

from typing import Any

import pytest

from saga_cli.errors import BadRequest
from saga_cli.targets import chosen, deployed

TRIP = {"name": "trip", "version": "v1", "style": "orchestrated", "where": "arn:machine", "relay": "trip-relay"}
ORDER = {"name": "order", "version": "v1", "style": "choreographed", "where": "bus", "relay": "relay", "later": True}


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
    with pytest.raises(BadRequest, match="no saga 'tirp' is deployed here; there are: trip"):
        chosen("tirp", deployed(stacks))
