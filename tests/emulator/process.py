"""One MiniStack server as a child process: its start and its end."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from emulator.errors import EmulatorError, tail
from emulator.paths import EMULATOR_PYTHON
from emulator.settings import HOST, ServerSettings

START_TIMEOUT = 30.0
"""Seconds a server may take until it answers; a busy machine needs a few."""


def free_port() -> int:
    """A TCP port on the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def is_taken(port: int) -> bool:
    """Whether somebody listens on a port of the loopback address."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def request(port: int, method: str, path: str) -> int:
    """Ask a server on the loopback address for something, past all proxies; returns the HTTP status."""
    with contextlib.closing(HTTPConnection(HOST, port, timeout=30)) as connection:
        connection.request(method, path)
        return connection.getresponse().status


def check(port: int) -> None:
    """Make sure that a server can be started.

    Raises:
        EmulatorError: if the emulator's Python is missing or the port is taken.
    """
    if not EMULATOR_PYTHON.exists():
        raise EmulatorError(f"The emulator's Python is missing at {EMULATOR_PYTHON}; run `make install`.")
    if is_taken(port):
        raise EmulatorError(f"Port {port} is taken; stop what listens there or choose another port.")


def start(settings: ServerSettings, *, keep: int | None = None) -> subprocess.Popen[bytes]:
    """Start a server and wait until it answers.

    Args:
        settings: see `ServerSettings`.
        keep: a file descriptor the server holds open while it lives, and so outlives this process; None to bind its
            life to ours: then it ends with its workers when this process ends, however that happens.

    Raises:
        EmulatorError: if the server does not come up.
    """
    for folder in (settings.state / "tmp", settings.faults.parent):
        shutil.rmtree(folder, ignore_errors=True)  # what an earlier server left there
        folder.mkdir(parents=True)
    with settings.log.open("wb") as log:
        process = subprocess.Popen(
            [EMULATOR_PYTHON, "-m", "emulator.server"],
            cwd=settings.state,
            env=settings.environment() | ({"EMULATOR_PARENT_PIPE": "yes"} if keep is None else {}),
            stdin=subprocess.PIPE if keep is None else subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=() if keep is None else (keep,),
        )
    try:
        _wait_until_ready(process, settings)
    except BaseException:
        stop(process)
        raise
    return process


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server that this process started, with its workers."""
    kill(process.pid)
    process.wait()
    if process.stdin:
        process.stdin.close()


def kill(pid: int) -> None:
    """End a server and its workers at once, by the server's id; what it holds is in memory and not needed any more."""
    with contextlib.suppress(ProcessLookupError):  # it has ended already
        os.killpg(pid, signal.SIGKILL)


def workers(server: int) -> dict[str, list[int]]:
    """The worker processes of a server's functions, by the functions' names; Linux only, as it reads `/proc`."""
    found: dict[str, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        # It may end while we look, and most processes are not ours.
        with contextlib.suppress(OSError):
            if pid != server and os.getpgid(pid) == server:
                variables = (folder / "environ").read_bytes().split(b"\0")
                named = [one.partition(b"=")[2] for one in variables if one.startswith(b"AWS_LAMBDA_FUNCTION_NAME=")]
                for name in named:
                    found.setdefault(name.decode(), []).append(pid)
    return found


def kill_worker(pid: int) -> None:
    """End one worker at once."""
    with contextlib.suppress(ProcessLookupError):  # it has ended already
        os.kill(pid, signal.SIGKILL)


def _wait_until_ready(process: subprocess.Popen[bytes], settings: ServerSettings) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise EmulatorError(f"The emulator ended with status {process.returncode}. {tail(settings.log)}")
        with contextlib.suppress(OSError, HTTPException):
            if request(settings.port, "GET", "/_ministack/ready") == HTTPStatus.OK:
                return
        time.sleep(0.02)
    raise EmulatorError(f"The emulator does not answer after {START_TIMEOUT:g} s. {tail(settings.log)}")
