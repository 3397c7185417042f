"""What the bench counts, and the page that is made of what it kept. No time is asserted."""

from typing import Any

import pytest

from bench import chart, drawing, scale
from bench.baselines import idempotent
from bench.figures import Line, Target
from bench.subjects import SUBJECTS, growth, requests


def test_the_page_and_its_charts_are_made_of_the_kept_figures() -> None:
    for name, text in drawing.files(SUBJECTS).items():
        assert (drawing.FOLDER / name).read_text(encoding="utf-8") == text, f"{name}: run `make bench`"


def test_the_page_about_scale_counts_on_what_was_counted() -> None:
    assert scale.PAGE.read_text(encoding="utf-8") == scale.page(), "run `make bench ONLY=requests`"


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_has_been_measured(subject: str) -> None:
    assert drawing.kept(subject)


@pytest.mark.parametrize("steps", [3, 10])
def test_a_happy_saga_takes_a_transition_and_a_request_a_step(steps: int) -> None:
    counted = requests.counted(steps, "orchestrated")
    assert (counted.transitions, counted.requests, counted.invocations) == (steps, steps, steps)
    assert requests.counted(steps, "choreographed").events == steps + 1


def test_a_step_that_fails_is_compensated_with_all_before_it_and_one_failing_end() -> None:
    assert requests.failing(3) == 3 + 5 + 7


def test_what_is_counted_now_is_what_the_page_says() -> None:
    kept = drawing.kept("requests")
    assert kept
    assert kept["facts"]["per_saga"] == requests.facts()
    said = {(line["what"], line["unit"]): line["ours"] for line in kept["lines"]}
    counted = requests.counted(10, "orchestrated")
    assert said["10 steps, happy", "write units"] == counted.units + counted.index_units
    assert said["outside: action", requests.REQUESTS] == requests.counted(1, "orchestrated", None, "outside").requests


def test_an_idempotent_function_asks_before_and_after_each_step() -> None:
    with idempotent.participant() as deliver:
        assert deliver("a") == (3, 6)
        assert deliver("a") == (1, 1)
        assert deliver("b", own=False) == (2, 2)


def test_a_command_carries_the_results_of_the_steps_before() -> None:
    assert growth.carries(30) > growth.carries(3)


@pytest.mark.parametrize(
    ("line", "met"),
    [
        (Line(what="w", unit="u", ours=3, target=Target(3)), True),
        (Line(what="w", unit="u", ours=[1.0, 9.0, 4.0], target=Target(3)), False),
        (Line(what="w", unit="u", ours=[2.0, 6.0], rival=[2.0, 5.0], target=Target(1.1, "rival")), True),
        (Line(what="w", unit="u", ours=6, floor=5, target=Target(1.1, "floor")), False),
    ],
)
def test_a_target_bounds_the_figure_or_its_ratio(line: Line, *, met: bool) -> None:
    assert line.as_json()["target"]["met"] is met


def test_a_chart_shows_every_series_from_zero() -> None:
    kept: dict[str, Any] = {"title": "T <1>", "x": "steps", "y": "s", "series": {"a & b": [[0, 1], [99, 4.4]]}}
    drawn = chart.svg(kept)
    assert "T &lt;1&gt;" in drawn
    assert "a &amp; b" in drawn
    assert drawn.count("<circle") == 2 + 1
