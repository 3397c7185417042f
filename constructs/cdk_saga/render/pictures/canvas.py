"""Pieces of SVG: the one style sheet, boxes, arrows, endings. Text is measured roughly, by no reader's font."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Final

from cdk_saga.plan import Ending

STYLE: Final = """
.saga{--paper:#fff;--ink:#1c2430;--soft:#5b6675;--line:#3c4858;--back:#9a5b00;--box:#f3f6fa;--undo:#fdf6ea;--group:#e9eef5;
--good:#1a7f42;--bad:#b3261e;font-family:system-ui,"Segoe UI",Helvetica,Arial,sans-serif}
@media(prefers-color-scheme:dark){.saga{--paper:#12161c;--ink:#e8edf4;--soft:#a0acbb;--line:#b4c0cf;--back:#f0b45a;
--box:#1f2731;--undo:#2b2417;--group:#1a2029;--good:#5fd08a;--bad:#ff8a80}}
.saga .paper{fill:var(--paper)}
.saga text{fill:var(--ink);font-size:13px}
.saga .name{font-weight:650;font-size:14px}
.saga .code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:12px}
.saga .soft,.saga .label{fill:var(--soft);font-size:11.5px}
.saga .label{paint-order:stroke;stroke:var(--paper);stroke-width:5px;stroke-linejoin:round}
.saga .head{font-size:17px;font-weight:650}
.saga .mid{text-anchor:middle}
.saga .left{text-anchor:end}
.saga .box{fill:var(--box);stroke:var(--line);stroke-width:1.3}
.saga .undo .box{fill:var(--undo);stroke:var(--back)}
.saga .undo .pipe{stroke:var(--back)}
.saga .pivot .box{stroke-width:3}
.saga .group{fill:var(--group);stroke:var(--soft);stroke-dasharray:2 3}
.saga path{fill:none;stroke:var(--line);stroke-width:1.6}
.saga .way-back{stroke:var(--back);stroke-dasharray:6 4}
.saga .faint{stroke:var(--bad);stroke-width:1.1;stroke-dasharray:1.5 4;stroke-linecap:round}
.saga .return{stroke:var(--ink);stroke-width:2;stroke-dasharray:10 5}
.saga marker path{stroke:none;fill:var(--line)}
.saga marker.back path{fill:var(--back)}
.saga marker.bad path{fill:var(--bad)}
.saga .ending rect,.saga .ending polygon{fill:var(--paper);stroke-width:2}
.saga .ending text{font-weight:650}
.saga .completed *{stroke:var(--good)}
.saga .compensated *{stroke:var(--back)}
.saga .stuck *{stroke:var(--bad)}
.saga .ending text{stroke:none}
.saga .event{fill:var(--paper);stroke:var(--soft);stroke-width:1.1}
.saga .event-name{font-size:12px}
.saga .dot{fill:var(--line)}
"""
SAID_BY: Final = 'aria-labelledby="saga-title saga-desc"'
LEGEND_GAP: Final = 26
BOLD, CODE, SOFT = 8.9, 7.4, 6.6
"""Pixels a character, on the generous side."""


@dataclass(frozen=True)
class Box:
    """A rectangle on the canvas, in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return self.x + self.width / 2, self.y + self.height / 2

    def lowered(self, by: float) -> "Box":
        """The same, further down."""
        return Box(self.x, self.y + by, self.width, self.height)


def picture(width: float, height: float, *, title: str, told: str, parts: Iterable[str]) -> str:
    """One document: readable in light and dark, with a text alternative."""
    size = f'viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" height="{_n(height)}"'
    tips = "".join(_tip(name) for name in ("forward", "back", "bad"))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="saga" role="img" {SAID_BY} {size}>',
            f'<title id="saga-title">{escape(title)}</title>',
            f'<desc id="saga-desc">{escape(told)}</desc>',
            f"<style>{STYLE}</style>",
            f"<defs>{tips}</defs>",
            f'<rect class="paper" width="{_n(width)}" height="{_n(height)}" rx="12"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


def text(x: float, y: float, words: str, look: str = "") -> str:
    """One line of text; ``x`` is its left end, its middle with the look ``mid``, its right with ``left``."""
    return f'<text class="{look}" x="{_n(x)}" y="{_n(y)}">{escape(words)}</text>'


def rect(box: Box, look: str, *, corner: float = 8) -> str:
    """A rectangle."""
    return (
        f'<rect class="{look}" x="{_n(box.x)}" y="{_n(box.y)}" '
        f'width="{_n(box.width)}" height="{_n(box.height)}" rx="{_n(corner)}"/>'
    )


def line(points: Iterable[tuple[float, float]], look: str = "", *, tip: str = "forward") -> str:
    """Straight lines through ``points``, with an arrow's head at the end unless ``tip`` is empty."""
    way = "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
    end = f' marker-end="url(#tip-{tip})"' if tip else ""
    return f'<path class="{look}" d="M{way}"{end}/>'


def ending(box: Box, which: Ending, *, words: str = "") -> str:
    """An ending: each has a shape and a sign of its own, so that colour is not needed to tell them.

    Args:
        box: where.
        which: which one.
        words: to call it by; its name unless told otherwise.
    """
    x, y = box.middle
    shape = _hexagon(box) if which is Ending.STUCK else rect(box, "", corner=box.height / 2)
    inner = rect(Box(box.x + 4, box.y + 4, box.width - 8, box.height - 8), "", corner=box.height / 2 - 4)
    double = inner if which is Ending.COMPLETED else ""
    sign = _SIGNS[which].format(x=_n(box.x + 24), y=_n(y))
    return f'<g class="ending {which.lower()}">{shape}{double}{sign}{text(x + 13, y + 4.5, words or which, "mid")}</g>'


def fits(words: str, width: float, pixels: float) -> str:
    """``words``, shortened to what fits into ``width`` at so many ``pixels`` a character."""
    most = max(3, int(width / pixels))
    return words if len(words) <= most else f"{words[: most - 1]}…"


_SIGNS: Final = {
    Ending.COMPLETED: '<path d="M{x} {y}m-5 0l4 4l7 -8"/>',
    Ending.COMPENSATED: '<path d="M{x} {y}m7 4h-7a4 4 0 0 1 0 -8h6m-9 0l4 -4m-4 4l4 4"/>',
    Ending.STUCK: '<path d="M{x} {y}m0 -6v7m0 3.5v2"/>',
}


def _hexagon(box: Box) -> str:
    middle = box.y + box.height / 2
    points = [
        (box.x, middle),
        (box.x + 14, box.y),
        (box.right - 14, box.y),
        (box.right, middle),
        (box.right - 14, box.bottom),
        (box.x + 14, box.bottom),
    ]
    return f'<polygon points="{" ".join(f"{_n(x)},{_n(y)}" for x, y in points)}"/>'


def _tip(name: str) -> str:
    return (
        f'<marker id="tip-{name}" class="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" '
        f'markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L10 5L0 10z"/></marker>'
    )


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
