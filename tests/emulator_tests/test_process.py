"""The server as a process: it starts with a clear word or not at all, and never stays behind."""

import fcntl
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from emulator import process
from emulator.errors import EmulatorError
from emulator.instance import Emulator
from emulator.settings import HOST
from emulator.waiting import wait_until
from emulator_tests.resources import function, invoke

PARENT = """
import signal
import sys
from emulator.instance import Emulator
from emulator.settings import HOST
from emulator_tests.resources import function, invoke

HOLDS_A_LOCK = '''
import fcntl, os
lock = open(os.environ["LOCK"], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
def handler(event, context):
    return "locked"
'''

# Whoever is started in the background inherits that Ctrl-C is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
with Emulator.start() as emulator:
    invoke(emulator, function(emulator, HOLDS_A_LOCK, LOCK=sys.argv[1]), {})
    print(emulator.port, flush=True)
    sys.stdin.read()
"""


def can_lock(path: Path) -> bool:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda end: end.name)
def test_server_and_workers_end_with_the_process_that_started_them(tmp_path: Path, end: signal.Signals) -> None:
    lock = tmp_path / "lock"
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, lock],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with parent:
        assert parent.stdout
        port = int(parent.stdout.readline())
        assert process.is_taken(port)
        assert not can_lock(lock)

        parent.send_signal(end)

        wait_until(lambda: not process.is_taken(port), what="the server's end")
        wait_until(lambda: can_lock(lock), what="the worker's end")


def test_nothing_of_the_callers_environment_gets_in_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("VIRTUAL_ENV", "/mine")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with Emulator.start(state=tmp_path) as fresh:
        source = "import os\ndef handler(event, context):\n    return dict(os.environ)\n"
        environment = invoke(fresh, function(fresh, source), {})

    assert {"AWS_PROFILE", "VIRTUAL_ENV", "HTTP_PROXY"}.isdisjoint(environment)
    assert environment["AWS_ENDPOINT_URL"] == fresh.endpoint


def test_a_reset_forgets_what_was_stored(tmp_path: Path) -> None:
    with Emulator.start(state=tmp_path) as fresh:
        fresh.client("sqs").create_queue(QueueName="orders")

        fresh.reset()

        assert not fresh.client("sqs").list_queues().get("QueueUrls")


def test_a_taken_port_is_named() -> None:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        port = listener.getsockname()[1]

        with pytest.raises(EmulatorError, match=f"Port {port} is taken"):
            Emulator.start(port=port)


def test_a_missing_python_is_named_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "EMULATOR_PYTHON", Path("/nowhere/python"))

    with pytest.raises(EmulatorError, match="missing at /nowhere/python; run `make install`"):
        Emulator.start()


def test_a_server_that_does_not_come_up_shows_the_end_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_ministack = tmp_path / "python"
    without_ministack.write_text("#!/bin/sh\necho No module named ministack\nexit 3\n")
    without_ministack.chmod(0o755)
    monkeypatch.setattr(process, "EMULATOR_PYTHON", without_ministack)

    with pytest.raises(EmulatorError, match=r"status 3(.|\n)*server\.log(.|\n)*No module named ministack"):
        Emulator.start(state=tmp_path)
