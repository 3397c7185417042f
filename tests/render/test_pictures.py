"""The picture of a plan: everything is drawn, and nothing that is not there."""

import re

from hypothesis import given
from hypothesis import strategies as st

from cdk_saga import Parallel, Saga
from cdk_saga.plan import compile_saga
from cdk_saga.render import mermaid
from sagas import TRIP, saga, step

NODE = re.compile(r"^    ([\w-]+)(?:\[|\(|\{)")
ARROW = re.compile(r"^    ([\w-]+) (?:-->|-\.->(?:\|[\w ]+\|)?) ([\w-]+)$")


def test_an_arrow_says_which_outcome_takes_it() -> None:
    picture = mermaid(compile_saga(TRIP)).splitlines()
    assert "    do-flight --> do-hotel" in picture
    assert "    do-transfer -.->|rejected| undo-hotel" in picture
    assert "    undo-hotel -.-> undo-flight" in picture


def test_outcomes_that_lead_to_the_same_place_share_an_arrow() -> None:
    assert "do-a -.->|rejected or unknown| COMPENSATED" in mermaid(compile_saga(saga("a", nothing_to_undo=("a",))))


@given(st.lists(st.sampled_from(["end", "graph", "a", "b-c", "D_1"]), min_size=1, unique=True))
def test_arrows_connect_what_is_drawn(names: list[str]) -> None:
    lines = mermaid(compile_saga(saga(*names))).splitlines()[1:]
    nodes = {match[1] for line in lines if (match := NODE.match(line))}
    arrows = [match.groups() for line in lines if (match := ARROW.match(line))]
    assert len(nodes) + len(arrows) == len(lines)
    assert {end for arrow in arrows for end in arrow} == nodes


def test_a_group_is_drawn_as_a_fork_and_a_join() -> None:
    together = Parallel("stay", step("hotel"), step("car"))
    lines = mermaid(compile_saga(Saga("tour", [step("flight"), together]))).splitlines()[1:]
    assert "    do-stay --> do-hotel" in lines
    assert "    do-hotel --> do-all-of-stay" in lines
    assert "    do-all-of-stay -.->|rejected or unknown| undo-stay" in lines
    assert "    undo-all-of-stay -.-> undo-flight" in lines
    nodes = {match[1] for line in lines if (match := NODE.match(line))}
    arrows = [match.groups() for line in lines if (match := ARROW.match(line))]
    assert len(nodes) + len(arrows) == len(lines)
    assert {end for arrow in arrows for end in arrow} == nodes
