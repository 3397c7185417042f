"""A sign for every word that says what became of a saga or a step, so that no colour is needed to tell them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Icon:
    """How a word looks.

    Args:
        look: the class that the style sheet knows.
        shape: the outline, in a square of 16.
        mark: what is drawn in it.
    """

    look: str
    shape: str
    mark: str


ROUND: Final = "M8 1a7 7 0 1 0 0 14a7 7 0 1 0 0-14z"
SQUARE: Final = "M1.5 1.5h13v13h-13z"
HEXAGON: Final = "M1 8l3.5-6.5h7l3.5 6.5l-3.5 6.5h-7z"
DIAMOND: Final = "M8 .8l7.2 7.2l-7.2 7.2l-7.2-7.2z"
TICK: Final = "M4.5 8.2l2.4 2.6l4.6-5.4"
BACK: Final = "M4.6 6.4h4.6a2.4 2.4 0 0 1 0 4.8h-2.4M6.8 4.2l-2.2 2.2l2.2 2.2"
CROSS: Final = "M6 6l4 4m0-4l-4 4"
CALL: Final = "M8 4v5m0 2.2v1"
DOTS: Final = "M4.6 8h.1m3.3 0h.1m3.3 0h.1"
HANDS: Final = "M8 4.2v4l2.6 1.8"
DASH: Final = "M5 8h6"

GOOD: Final = Icon("good", ROUND, TICK)
UNDONE: Final = Icon("undone", SQUARE, BACK)
BAD: Final = Icon("bad", HEXAGON, CALL)
REFUSED: Final = Icon("undone", DIAMOND, CROSS)
BUSY: Final = Icon("busy", ROUND, DOTS)
BUSY_BACK: Final = Icon("undone", SQUARE, DOTS)
WAITING: Final = Icon("busy", ROUND, HANDS)
NOTHING: Final = Icon("nothing", ROUND, DASH)

ICONS: Final[Mapping[str, Icon]] = {
    "completed": GOOD,
    "compensated": UNDONE,
    "skipped": Icon("undone", SQUARE, TICK),
    "partially compensated": Icon("undone", SQUARE, TICK),
    "stuck": BAD,
    "running": BUSY,
    "running, past its pivot": BUSY,
    "compensating": BUSY_BACK,
    "done": GOOD,
    "at work": BUSY,
    "waiting for an answer": WAITING,
    "not answered in time": REFUSED,
    "asked, to be undone": BUSY_BACK,
    "rejected": REFUSED,
    "undone": UNDONE,
    "being undone": BUSY_BACK,
    "interrupted": BAD,
    "failing": BAD,
    "undoing interrupted": BAD,
    "not begun": NOTHING,
    "stopped before it was done": NOTHING,
}
"""By what :mod:`saga_runtime.client` calls them."""


def icon(words: str) -> Icon:
    """The sign of a saga's state or a step's outcome."""
    return ICONS.get(words, NOTHING)
