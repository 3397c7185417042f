"""One readable file a stack: a pull request shows what it changes on AWS."""

import itertools

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from templates import Json, readable

STYLES = ("Orchestrated", "Choreographed")
SAGAS = ("".join(both) for both in itertools.product(("Trip", "Order", "BusinessTrip"), STYLES))
STACKS = ("State", "Participants", *SAGAS, "Operations")
REVIEWED = [f"{stage}-{stack}" for stage, stack in itertools.product(("dev", "prod"), STACKS)]


@pytest.mark.parametrize("stack", REVIEWED)
def test_template(stack: str, templates: dict[str, Json], snapshot: SnapshotAssertion) -> None:
    """The template is the reviewed one; the smallest and the strictest environment stand for all."""
    assert readable(templates[stack]) == snapshot(extension_class=JSONSnapshotExtension)


def test_an_environment_has_no_stack_without_a_snapshot(templates: dict[str, Json]) -> None:
    everywhere = itertools.product(("local", "dev", "stg", "prod"), STACKS)
    assert set(templates) == {f"{stage}-{stack}" for stage, stack in everywhere}
