"""An emulator that keeps running between commands, for playing.

The server holds a lock on a file while it lives, so whether one runs is never a guess about a process id.
"""

import fcntl
import json
import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from emulator import process
from emulator.errors import EmulatorError
from emulator.instance import Emulator
from emulator.paths import BACKGROUND_STATE
from emulator.waiting import wait_until

DEFAULT_PORT = 4566

_started: dict[Path, subprocess.Popen[bytes]] = {}
"""The servers that this process itself started and will have to wait for when it ends them."""


def up(
    *,
    port: int = DEFAULT_PORT,
    wait_scale: float = 1.0,
    redelivery: float | None = None,
    state: Path | None = None,
) -> Emulator:
    """Start the emulator and leave it running.

    Args:
        port: the TCP port on the loopback address.
        wait_scale: factor on the waits and retry intervals of Step Functions; 0 skips them.
        redelivery: seconds after which the messages of a failed call are visible again at the latest; None for their
            visibility time-out, as on AWS.
        state: the folder for its state and log; None for `.emulator` in the repository.

    Raises:
        EmulatorError: if one runs already, or the server does not come up.
    """
    state = state or BACKGROUND_STATE
    state.mkdir(parents=True, exist_ok=True)
    (state / ".gitignore").write_text("*\n", encoding="utf-8")
    with _lock(state) as lock:
        if lock is None:
            raise EmulatorError(f"It runs already at {attach(state).endpoint}; `python -m emulator down` ends it.")
        process.check(port)
        _file(state).unlink(missing_ok=True)
        emulator = Emulator(port=port, state=state)
        settings = emulator.settings(wait_scale=wait_scale, redelivery=redelivery)
        server = _started[state] = process.start(settings, keep=lock)
        _file(state).write_text(json.dumps({"port": port, "pid": server.pid}), encoding="utf-8")
    return emulator


def attach(state: Path | None = None) -> Emulator:
    """The running emulator.

    Raises:
        EmulatorError: if none runs, or it is only just starting.
    """
    state = state or BACKGROUND_STATE
    if not is_running(state) or not _file(state).exists():
        raise EmulatorError("No emulator is running; `python -m emulator up` starts one.")
    return Emulator(port=json.loads(_file(state).read_text(encoding="utf-8"))["port"], state=state)


def is_running(state: Path | None = None) -> bool:
    """Whether the background emulator lives."""
    state = state or BACKGROUND_STATE
    if not _lock_file(state).exists():
        return False
    with _lock(state) as lock:
        return lock is None


def down(state: Path | None = None) -> bool:
    """End the background emulator with its workers; returns whether there was one."""
    state = state or BACKGROUND_STATE
    if not is_running(state):
        return False
    process.kill(json.loads(_file(state).read_text(encoding="utf-8"))["pid"])
    if server := _started.pop(state, None):
        server.wait()
    return wait_until(lambda: not is_running(state), what="the emulator's end")


def _file(state: Path) -> Path:
    return state / "running.json"


def _lock_file(state: Path) -> Path:
    return state / "lock"


@contextmanager
def _lock(state: Path) -> Generator[int | None]:
    """Hold the lock that a running server holds; gives its file descriptor, or None if a server has it."""
    descriptor = os.open(_lock_file(state), os.O_RDWR | os.O_CREAT)
    try:
        yield descriptor if _locked(descriptor) else None
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
