"""``docs/runbook.md`` has its reader look at dead letters before anything is done with them."""

import pytest

from manual.pages import DOCS

PAGE = (DOCS / "runbook.md").read_text()
SECTIONS = {part.split("\n", 1)[0]: part for part in PAGE.split("\n## ")[1:]}
REDRIVING = [name for name, text in SECTIONS.items() if "cdk-saga redrive" in text]


def test_some_section_redrives() -> None:
    assert "A dead letter" in REDRIVING


@pytest.mark.parametrize("name", REDRIVING)
def test_whoever_redrives_has_looked_first(name: str) -> None:
    given = [line.split()[1] for line in SECTIONS[name].splitlines() if line.startswith("cdk-saga ")]
    assert given[0] == "dead-letters"
