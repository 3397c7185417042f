"""What the ledger's states are called to people."""

from collections.abc import Mapping
from typing import Final

from saga_runtime.ledger.items import NOTHING, Item

STATES: Final[Mapping[str, str]] = {
    "RUNNING": "running",
    "COMMITTED": "running, past its pivot",
    "COMPENSATING": "compensating",
    "STUCK": "stuck",
    "COMPLETED": "completed",
    "COMPENSATED": "compensated",
    "PARTIALLY_COMPENSATED": "partially compensated",
}
"""Of a saga."""
AT_WORK: Final = "at work"
DONE: Final = "done"
WAITING: Final = "waiting for an answer"
LATE: Final = "not answered in time"
UNDOING: Final = "being undone"
FAILING: Final = "failing"
STOPPED: Final = "stopped before it was done"
NOT_BEGUN: Final = "not begun"
UNTIL: Final[Mapping[str, str]] = {AT_WORK: "lease", UNDOING: "ulease", WAITING: "due"}
"""Which attribute of a step's item says for how long an outcome lasts."""
UNDONE: Final = frozenset(("undone", "skipped", "rejected", STOPPED))
"""Outcomes of a step that leave nothing for compensation."""


def outcome(step: Item, now: float) -> str:
    """What became of a step so far.

    Args:
        step: its item; empty for none.
        now: seconds since the epoch.
    """
    match step.get("st"):
        case None:
            return NOT_BEGUN
        case "STARTED":
            return _claimed(step, "lease", "f", now) or AT_WORK
        case "TRIED":
            return STOPPED if "fence" in step else FAILING
        case "DONE":
            return DONE
        case "PENDING":
            return _asked(step, now)
        case "FAILED":
            return "rejected"
        case "UNDOING":
            return _undoing(step, now)
        case "UNDONE":
            return "skipped" if "skipped" in step else "undone"
        case "VOID":
            return _never_done(step)
        case other:
            return str(other).lower()


def awaits_callback(step: Item, state: str, now: float) -> bool:
    """Whether a callback may answer a step; past the pivot also when its time is over.

    Args:
        step: its item.
        state: the saga's.
        now: seconds since the epoch.
    """
    return outcome(step, now) in {"RUNNING": (WAITING,), "COMMITTED": (WAITING, LATE)}.get(state, ())


def _asked(step: Item, now: float) -> str:
    if "fence" in step:
        return "asked, to be undone"
    return WAITING if _runs(step["due"], now) else LATE


def _never_done(step: Item) -> str:
    """Of a step whose compensation found no effect: the same as of one that has a fence and no compensation."""
    return STOPPED if "ferr" in step else NOT_BEGUN


def _undoing(step: Item, now: float) -> str:
    if step.get("prev") == NOTHING:
        return _never_done(step)
    return _claimed(step, "ulease", "uf", now).replace("interrupted", "undoing interrupted") or UNDOING


def _claimed(step: Item, lease: str, kind: str, now: float) -> str:
    """What became of a claim; empty while it holds."""
    if _runs(step[lease], now):
        return ""
    return FAILING if f"{kind}err" in step and not step[lease] else "interrupted"


def error(step: Item) -> str:
    """Why a step was rejected or skipped, or the last error of its handler; of a step that is done, nothing.

    Args:
        step: its item; empty for none.
    """
    kinds = ("uferr",) if step.get("st") == "DONE" else ("uferr", "ferr")
    return str(next((step[name] for name in ("err", "skipped", *kinds) if name in step), ""))


def _runs(lease: str | int, now: float) -> bool:
    return int(lease) >= now * 1000
