"""`python -m emulator up`, `status` and `down`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator import background, process
from emulator.__main__ import main
from emulator.errors import EmulatorError


@pytest.fixture(name="state")
def state_folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    background.down(tmp_path)


def test_it_keeps_running_until_it_is_ended(state: Path) -> None:
    port = process.free_port()
    background.up(port=port, state=state)

    assert background.attach(state).client("sqs").list_queues()
    assert background.down(state)
    assert not process.is_taken(port)
    assert not background.down(state)


def test_a_second_one_is_refused(state: Path) -> None:
    running = background.up(port=process.free_port(), state=state)

    with pytest.raises(EmulatorError, match=f"runs already at {running.endpoint}"):
        background.up(port=process.free_port(), state=state)


def test_attaching_to_none_says_how_to_start_one(state: Path) -> None:
    with pytest.raises(EmulatorError, match="`python -m emulator up` starts one"):
        background.attach(state)


def test_git_ignores_what_it_writes(state: Path) -> None:
    background.up(port=process.free_port(), state=state)

    assert (state / ".gitignore").read_text() == "*\n"


def test_the_commands_say_what_they_did(
    state: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "BACKGROUND_STATE", state)
    port = str(process.free_port())

    statuses = [main(command) for command in (["status"], ["up", "--port", port], ["status"], ["down"], ["down"])]

    assert statuses == [1, 0, 0, 0, 0]
    printed = capsys.readouterr()
    assert f"export AWS_ENDPOINT_URL=http://127.0.0.1:{port}" in printed.out
    assert printed.out.splitlines()[-2:] == ["The local AWS has ended.", "No local AWS was running."]
    assert "No emulator is running" in printed.err
