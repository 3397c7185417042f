"""``docs/bad-input.md`` shows the bad input that is tried."""

from pathlib import Path

from bad_input.answers import ANSWERS
from bad_input.cases import CASES, RAW
from saga_runtime.refusals import printable

PAGE = (Path(__file__).parents[2] / "docs" / "bad-input.md").read_text()


def row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def commands() -> str:
    return "\n".join([row("what is wrong", "the error says"), *(row(case.what, f"`{case.error}`") for case in CASES)])


def messages() -> str:
    rows = [row(what, f"`{printable(body):.24}`", f"`{error}`") for what, body, error in RAW]
    return "\n".join([row("what it is", "it begins", "the error says"), *rows])


def without_rule(table: str) -> str:
    """A table of the page as it is made here: the line under its head is for Markdown only."""
    return "\n".join(line for line in table.splitlines() if not line.startswith("| ---"))


def test_the_page_shows_every_bad_command() -> None:
    assert commands() in without_rule(PAGE)


def test_the_page_shows_every_bad_answer() -> None:
    rows = [row(answer.what, f"`{answer.error}`") for answer in ANSWERS]
    assert "\n".join([row("the answer", "the error says"), *rows]) in without_rule(PAGE)


def test_the_page_shows_every_message_that_is_no_command() -> None:
    assert messages() in without_rule(PAGE)
