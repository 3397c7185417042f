"""The demo's cases, deployed by the real CDK CLI and run on the local AWS, in both styles."""

from itertools import permutations

import pytest

from demo.examples import SCENARIOS
from demo.report import STYLES
from demo.results import Result, agree
from demo.runner import Scenario

Results = dict[tuple[str, ...], Result]


def named(scenario: Scenario) -> str:
    example, case = scenario
    return f"{example.name}-{case.slug}"


every_case = pytest.mark.parametrize("scenario", SCENARIOS, ids=named)


@every_case
@pytest.mark.parametrize("style", STYLES)
def test_a_case_ends_as_it_must_and_leaves_what_it_may(results: Results, scenario: Scenario, style: str) -> None:
    example, case = scenario
    assert results[example.name, case.name, style].problems == ()


@every_case
def test_both_styles_agree(results: Results, scenario: Scenario) -> None:
    example, case = scenario
    assert agree([results[example.name, case.name, style] for style in STYLES])


def test_no_case_is_taken_for_another() -> None:
    assert not [pair for pair in permutations(map(named, SCENARIOS), 2) if pair[0].startswith(f"{pair[1]}-")]
