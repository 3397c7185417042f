"""The manual's pictures are those of the definitions."""

from manual.pages import DOCS
from manual.pictures import drawn


def test_the_pictures_are_drawn_from_the_definitions() -> None:
    shown = {file.name: file.read_text(encoding="utf-8") for file in (DOCS / "pictures").glob("*.svg")}
    assert shown == drawn(), "run `make pictures`"
