"""``docs/demo.md`` shows every case of the demo, and that the styles agree."""

import re

from demo.examples import SCENARIOS
from manual.pages import DOCS

PAGE = (DOCS / "demo.md").read_text(encoding="utf-8")


def test_the_tables_have_every_case_and_agree() -> None:
    rows = re.findall(r"^(\S.*?) {2,}.* (yes|no)$", PAGE, flags=re.MULTILINE)
    assert rows == [(case.name, "yes") for _, case in SCENARIOS]


def test_the_seconds_are_said_to_be_the_emulators() -> None:
    assert "seconds say nothing about AWS" in PAGE.replace("\n", " ")
