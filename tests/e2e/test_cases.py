"""The demo's cases, deployed by the real CDK CLI and run on the local AWS, in both styles."""

from itertools import permutations

import pytest

from demo.cases import CASES, Case
from demo.report import STYLES
from demo.results import Result, agree

Results = dict[tuple[str, str], Result]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_a_case_ends_as_it_must_and_leaves_what_it_may(results: Results, case: Case, style: str) -> None:
    assert results[case.name, style].problems == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_both_styles_agree(results: Results, case: Case) -> None:
    assert agree([results[case.name, style] for style in STYLES])


def test_no_case_is_taken_for_another() -> None:
    assert not [pair for pair in permutations((case.slug for case in CASES), 2) if pair[0].startswith(f"{pair[1]}-")]
