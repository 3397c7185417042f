"""What a soak or an outage comes to: a page when nothing is wrong, else the whole story and a status of 1."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from emulator.errors import EmulatorError
from soak import report_files
from soak.checks import Wrong
from soak.report_files import kept


@dataclass
class Outcome:
    """What came of it."""

    wrong: Sequence[Wrong] = ()
    stories: Sequence[str] = ()


@dataclass
class Runs:
    """Something that runs on what is deployed, which here is nothing."""

    outcome: Outcome | Exception
    page: Path
    logs: list[Path] = field(default_factory=list[Path])

    def status(self) -> int:
        def work(_deployment: object) -> Outcome:
            if isinstance(self.outcome, Exception):
                raise self.outcome
            return self.outcome

        return kept("test", self.page, work, told=lambda _: "the figures", paged=lambda _: "the page")


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    runs = Runs(Outcome(), tmp_path / "page.md")
    runs.page.write_text("as it was", encoding="utf-8")

    @contextmanager
    def deployed(logs: Path, say: object, *, app: str) -> Generator[None]:
        del say, app
        runs.logs.append(logs)
        yield

    monkeypatch.setattr(report_files, "deployed", deployed)
    monkeypatch.setattr(report_files.tempfile, "mkdtemp", lambda prefix: _made(tmp_path / f"{prefix}logs"))
    return runs


def _made(folder: Path) -> str:
    folder.mkdir()
    return str(folder)


def test_a_run_with_nothing_wrong_is_kept_on_its_page(runs: Runs, capsys: pytest.CaptureFixture[str]) -> None:
    assert runs.status() == 0
    assert (runs.page.read_text(encoding="utf-8"), capsys.readouterr().out) == ("the page", "the figures\n")
    assert [logs.exists() for logs in runs.logs] == [False]


def test_a_run_with_something_wrong_tells_the_story_and_writes_nothing(
    runs: Runs, capsys: pytest.CaptureFixture[str]
) -> None:
    runs.outcome = Outcome([Wrong("hangs", ("trip", "t-1"))], ["trip t-1: hangs", "planned: nothing"])
    assert runs.status() == 1
    assert runs.page.read_text(encoding="utf-8") == "as it was"
    said = f"1 things are not as they should be. The logs are in {runs.logs[0]}"
    assert capsys.readouterr().out.splitlines() == ["the figures", "trip t-1: hangs", "planned: nothing", said]
    assert [logs.exists() for logs in runs.logs] == [True]


@pytest.mark.parametrize("error", [EmulatorError("no port"), TimeoutError("it did not happen")])
def test_a_run_that_comes_to_nothing_says_why_and_writes_nothing(
    runs: Runs, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    runs.outcome = error
    assert runs.status() == 1
    assert capsys.readouterr().out == f"{error}\nThe logs are in {runs.logs[0]}\n"
    assert runs.page.read_text(encoding="utf-8") == "as it was"
