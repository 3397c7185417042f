"""What goes wrong with the local AWS, in words."""

from pathlib import Path

TAIL = 30


class EmulatorError(RuntimeError):
    """The local AWS, or a CLI run against it, failed; the message says what to do."""


def tail(log: Path, lines: int = TAIL) -> str:
    """The end of a log and where the rest is, for an error message.

    Args:
        log: the log file; it may be missing.
        lines: how many lines to show.
    """
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    shown = "\n".join(f"  | {line}" for line in text.splitlines()[-lines:]) or "  | (empty)"
    return f"The end of {log}:\n{shown}"
