"""``cdk-saga draw``: what the library draws, from a definition named as Python finds it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from cdk_saga.plan import compile_saga
from cdk_saga.render import mermaid, svg
from stacks.trip import trip

Run = Callable[..., Result]
PLAN = compile_saga(trip)


def test_a_definition_is_drawn_in_either_style(run: Run) -> None:
    assert run("draw", "stacks.trip:trip").stdout == mermaid(PLAN)
    events = run("draw", "stacks.trip:trip", "--style", "choreographed", "--format", "svg")
    assert events.stdout == svg(PLAN, style="choreographed")


def test_a_picture_goes_into_a_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "trip.svg"
    done = run("draw", "stacks.trip:trip", "--format", "svg", "--output", str(file))
    assert file.read_text() == svg(PLAN)
    assert done.stdout == f"wrote {file}\n"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("stacks.trip:trip", "--format", "png"), "formats are mermaid and svg"),
        (("stacks.trip:trip", "--style", "both"), "styles orchestrated and choreographed"),
        (("stacks.trip:order",), "stacks.trip has trip"),
        (("stacks.trip",), "say MODULE:SAGA"),
        (("stacks.nothing:trip",), "No module named"),
    ],
)
def test_what_cannot_be_drawn_is_said_with_what_can(run: Run, wrong: tuple[str, ...], told: str) -> None:
    done = run("draw", *wrong)
    assert done.exit_code == 2
    assert told in done.stderr


def test_a_file_that_cannot_be_written_is_said(run: Run, tmp_path: Path) -> None:
    done = run("draw", "stacks.trip:trip", "--output", str(tmp_path / "nowhere" / "trip.svg"))
    assert done.exit_code == 1
    assert "nowhere" in done.stderr
