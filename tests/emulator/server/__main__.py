"""Start MiniStack with the patches: `python -m emulator.server`, configured by the environment (see `settings`)."""

import importlib
import os
import shutil
import signal
import sys
import threading

from emulator.server.patches import apply_all


def end_with_the_parent(temporary: str | None) -> None:
    """End this server and its workers when the parent closes our stdin, or dies and so closes it.

    Args:
        temporary: a folder to remove then.
    """
    while os.read(sys.stdin.fileno(), 1):
        pass
    if temporary:
        shutil.rmtree(temporary, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    """Patch, then serve until told to stop."""
    temporary = os.environ.pop("EMULATOR_REMOVE", None)
    if os.environ.pop("EMULATOR_PARENT_PIPE", None):
        threading.Thread(target=end_with_the_parent, args=(temporary,), name="parent-watch", daemon=True).start()
    apply_all()
    importlib.import_module("ministack.app").main()


if __name__ == "__main__":
    main()
