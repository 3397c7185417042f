"""Every command that a page shows is run by a test, or there is a reason why not."""

import re

import pytest

from manual.pages import READMES, ROOT, commands, pages
from manual.typed import NOT_HERE, reason, where

SHOWN = [(page, command) for page in (*pages(), *READMES) for command in commands(page)]


@pytest.mark.parametrize("command", sorted({command for _, command in SHOWN}))
def test_somebody_runs_a_command_or_it_is_said_why_not(command: str) -> None:
    where(command)


def test_a_command_that_nobody_runs_is_found_out() -> None:
    for unknown in ("rm -r .", "make prove", "makedown", "pip"):
        with pytest.raises(AssertionError, match="nobody runs it"):
            where(unknown)


def test_no_reason_is_left_of_a_command_that_no_page_shows() -> None:
    assert set(NOT_HERE) == {reason(command) for _, command in SHOWN} - {""}


def test_a_target_of_make_that_a_page_shows_exists() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    asked = {
        found for _, command in SHOWN for found in re.findall(r"\bmake (?:-C \S+ |--silent )?([a-z0-9-]+)", command)
    }
    assert asked
    assert asked <= targets
