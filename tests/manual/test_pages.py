"""Every page of the manual is true: its code runs, prints what is shown, and its links lead somewhere."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from manual.pages import DOCS, Block, blocks, links, pages
from manual.run_page import Reader

pytestmark = pytest.mark.long("every page is done as a reader does it")

NAMES = [str(page.relative_to(DOCS)) for page in pages()]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_does_what_it_says(name: str, tmp_path: Path) -> None:
    if not list(blocks(DOCS / name)):
        return
    runner = Path(__file__).with_name("run_page.py")
    environment = {**os.environ, "CDK_VALIDATION": "false"}
    done = subprocess.run(
        [sys.executable, runner, DOCS / name],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_what_a_page_links_to_and_shows_is_there(name: str) -> None:
    assert not [str(target) for target in links(DOCS / name) if not target.exists() and "api" not in target.parts]


def block(language: str, text: str, title: str = "") -> Block:
    return Block(Path("page.md"), 1, language, title, text)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ([block("text", "1")], "nothing was printed above"),
        ([block("python", "print(1)"), block("text", "2")], "printed was\n1"),
        ([block("python", "print(1)"), block("text", "1"), block("text", "1")], "nothing was printed above"),
        ([block("python", "print('{}')"), block("json", '{"a": 1}')], "printed was"),
        ([block("console", "cdk-saga draw nothing:there")], "No module named 'nothing'"),
        ([block("console", "cdk-saga draw stacks.trip:trip"), block("text", "flowchart")], "printed was"),
        ([block("console", "pytest nothing.py")], "pytest nothing.py"),
        ([block("console", "rm -r .")], "nobody runs it"),
        ([block("ruby", "puts 1")], "nobody knows how to check 'ruby'"),
    ],
)
def test_a_page_that_is_wrong_is_found_out(wrong: list[Block], told: str) -> None:
    reader = Reader()
    for right in wrong[:-1]:
        reader.do(right)
    with pytest.raises(AssertionError, match=told):
        reader.do(wrong[-1])


def test_what_a_page_shows_and_nobody_calls_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    reader = Reader()
    reader.do(block("python", "def one(): ...\n\n\ndef two(): ...\n\n\none()\n"))
    reader.do(block("python", "print(1)", title="of_a_page.py"))
    with pytest.raises(AssertionError, match=r"called by nobody: two, of_a_page\.py"):
        reader.finish(Path("page.md"))
    reader.do(block("python", "import of_a_page\n\ntwo()\n"))
    reader.finish(Path("page.md"))
