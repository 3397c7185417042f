"""The pages that a reader opens first are short, and what they name is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from manual.pages import DOCS, READMES, ROOT, links, pages

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
NAMING = (*(page for page in READMES if page.parent == ROOT), DOCS / "architecture.md")
"""The pages that name files of this repository and targets of make."""
BELOW = ("", "constructs/", "constructs/cdk_saga/", "runtime/saga_runtime/")
"""Where `docs/architecture.md` names files."""


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def paths(text: str) -> list[str]:
    """The quoted words that are files or folders of this repository."""
    return [word for word in quoted(text) if re.fullmatch(r"[\w.-]+(/[\w.-]+)+/?|[\w-]+\.(py|md)", word)]


def rows(heading: str) -> Iterator[list[str]]:
    """The cells of each row of the table under a heading of CONTRIBUTING.md."""
    _, _, rest = CONTRIBUTING.partition(f"\n## {heading}\n")
    table = [line for line in rest.split("\n## ")[0].splitlines() if line.startswith("| ")]
    return ([cell.strip() for cell in line.strip("|").split(" | ")] for line in table[2:])


def test_the_readme_has_at_most_130_lines() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 130


@pytest.mark.parametrize("page", READMES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_front_page_links_to_what_is_there(page: Path) -> None:
    assert not [str(target) for target in links(page) if not target.exists()]


@pytest.mark.parametrize("page", NAMING, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_file_that_a_front_page_names_exists(page: Path) -> None:
    named = paths(page.read_text(encoding="utf-8"))
    assert not [name for name in named if not any((ROOT / below / name).exists() for below in BELOW)]


@pytest.mark.parametrize("page", [*READMES, *pages()], ids=lambda page: str(page.relative_to(ROOT)))
def test_a_target_of_make_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = " ".join(re.findall(r"`make ((?:[a-z][a-z0-9-]*\b(?!=) ?)+)", page.read_text(encoding="utf-8")))
    assert set(named.split()) <= targets


def test_contributing_has_a_line_for_every_room() -> None:
    told = " ".join(cells[0] for cells in rows("The house"))
    rooms = [
        folder
        for package in ("constructs/cdk_saga", "runtime/saga_runtime")
        for folder in (ROOT / package).iterdir()
        if (folder / "__init__.py").exists()
    ]
    rooms += [
        ROOT / name for name in ("constructs/saga_cli", "runtime/participants", "stacks", "tests", "tools", "docs")
    ]
    assert [str(room.relative_to(ROOT)) for room in rooms if f"`{room.relative_to(ROOT)}`" not in told] == []


@pytest.mark.parametrize("cells", list(rows("Where to change what")), ids=lambda cells: cells[0])
def test_what_is_to_be_changed_is_in_the_file_that_is_named(cells: list[str]) -> None:
    files = [ROOT / path for path in paths(cells[1]) if (ROOT / path).is_file()]
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    names = [word.rpartition(".")[2] for word in quoted(cells[1]) if re.fullmatch(r"[\w.]+", word) and "/" not in word]
    assert paths(cells[1])
    assert [name for name in names if not re.search(rf"\b{name}\b", text) and name not in {"status", "watch"}] == []


def test_contributing_names_each_command_once_with_what_it_covers() -> None:
    commands = [cells[0] for cells in rows("Commands")]
    assert len(commands) == len(set(commands)) >= 15
    assert all(len(cells) >= 3 for cells in rows("Commands"))


def test_the_index_links_every_page() -> None:
    linked = {target.resolve() for target in links(DOCS / "index.md")}
    assert [str(page.relative_to(DOCS)) for page in pages() if page.name != "index.md" and page not in linked] == []


def test_the_glossary_explains_each_word_once() -> None:
    page = (DOCS / "glossary.md").read_text(encoding="utf-8")
    table = [line.strip("|").split(" | ") for line in page.splitlines() if re.match(r"\| (?!---|word)", line)]
    words = [cells[0].strip().lower() for cells in table]
    assert [word for word in words if words.count(word) > 1] == []
    assert {len(cells) for cells in table} == {5}
