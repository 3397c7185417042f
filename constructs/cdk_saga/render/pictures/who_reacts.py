"""The choreographed view: a row for each reaction, from the events that cause it to those that follow."""

from collections.abc import Iterable
from html import escape

from cdk_saga.plan import Operation, Plan
from cdk_saga.render.pictures import canvas
from cdk_saga.render.pictures.canvas import BOLD, CODE, LEGEND_GAP, SOFT, Box
from cdk_saga.render.pictures.layout import MARGIN
from cdk_saga.render.pictures.reactions import FollowingEvent, Reaction, reactions

CHIP_HEIGHT, CHIP_GAP = 26, 6
ROW_GAP = 18
WIDEST = 300
GAP = 56
HEAD = 84


def who_reacts(plan: Plan) -> str:
    """``plan`` as an SVG."""
    return _Rows(plan.saga, reactions(plan)).picture()


class _Rows:
    def __init__(self, saga: str, rows: tuple[Reaction, ...]) -> None:
        self.saga = saga
        self.rows = rows
        heard = max(_chip_width(event) for row in rows for event in row.events)
        queue = _column((row.queue for row in rows), CODE, 44)
        at_work = max(
            _column((row.handler for row in rows), CODE, 28), _column((row.participant for row in rows), BOLD, 28)
        )
        told = max(_event_width(told) for row in rows for told in row.publishes)
        self.columns = _spread(heard, queue, at_work, told)
        self.width = self.columns[-1].right + MARGIN

    def picture(self) -> str:
        heads = ("on the bus", "queue", "participant", "then on the bus")
        parts = [canvas.text(MARGIN, 40, self.saga, "head")]
        parts += [canvas.text(box.x, HEAD - 14, head, "soft") for box, head in zip(self.columns, heads, strict=True)]
        y: float = HEAD
        for i, row in enumerate(self.rows):
            if i and row.task.operation is not self.rows[i - 1].task.operation:
                parts += self._divide(y)
                y += 40
            parts += self._row(y, row)
            y += _height(row) + ROW_GAP
        parts.append(canvas.text(MARGIN, y + LEGEND_GAP - 8, _LEGEND, "soft"))
        told = " ".join(_sentence(row) for row in self.rows)
        return canvas.picture(
            self.width, y + LEGEND_GAP + 14, title=f"Saga {self.saga}: who reacts to what", told=told, parts=parts
        )

    def _divide(self, y: float) -> list[str]:
        return [
            canvas.line([(MARGIN, y + 6), (self.width - MARGIN, y + 6)], "way-back", tip=""),
            canvas.text(MARGIN, y + 26, "compensation", "label"),
        ]

    def _row(self, y: float, row: Reaction) -> list[str]:
        heard, queue, at_work, told = (Box(c.x, y, c.width, _height(row)) for c in self.columns)
        back = row.task.operation is Operation.COMPENSATION
        middle = heard.middle[1]
        look, tip = ("way-back", "back") if back else ("", "forward")
        events = _stack(heard, len(row.events))
        drawn = [_chip(box, event) for box, event in zip(events, row.events, strict=True)]
        drawn += [_joined((box.right, box.middle[1]), (queue.x - 1, middle), look, tip) for box in events]
        drawn += [canvas.line([(queue.right, middle), (at_work.x - 1, middle)], look, tip=tip)]
        follow = zip(_stack(told, len(row.publishes)), row.publishes, strict=True)
        for box, after in sorted(follow, key=lambda pair: not pair[1].by_recovery):  # the solid lines on top
            how = ("faint", "bad") if after.by_recovery else (look, tip)
            drawn += [_joined((at_work.right, middle), (box.x - 1, box.middle[1]), *how), _published(box, after)]
        drawn += [_queue(queue, row), _participant(at_work, row)]
        return [f'<g class="{"reaction undo" if back else "reaction"}">', *drawn, "</g>"]


_LEGEND = "Dotted: published by recovery, as the attempts are used up. Any number of other services may listen."


def _spread(*widths: float) -> tuple[Box, ...]:
    boxes: list[Box] = []
    x: float = MARGIN
    for width in widths:
        boxes.append(Box(x, 0, width, 0))
        x += width + GAP
    return tuple(boxes)


def _column(words: Iterable[str], pixels: float, pad: float) -> float:
    return min(WIDEST, max(len(word) for word in words) * pixels + pad)


def _chip_width(words: str) -> float:
    return min(WIDEST, len(words) * SOFT + 56)


def _event_width(told: FollowingEvent) -> float:
    """An ending is bold, and has its sign beside the words."""
    words = _words(told)
    return _chip_width(words) if told.ending is None else min(WIDEST, len(words) * BOLD + 46)


def _height(row: Reaction) -> float:
    chips = max(len(row.events), len(row.publishes))
    return max(52.0, chips * (CHIP_HEIGHT + CHIP_GAP) - CHIP_GAP)


def _stack(column: Box, chips: int) -> list[Box]:
    """As many chips as there are, one above the other, in the middle of the row."""
    whole = chips * (CHIP_HEIGHT + CHIP_GAP) - CHIP_GAP
    top = column.middle[1] - whole / 2
    return [Box(column.x, top + i * (CHIP_HEIGHT + CHIP_GAP), column.width, CHIP_HEIGHT) for i in range(chips)]


def _chip(box: Box, words: str) -> str:
    shown = canvas.fits(words, box.width - 24, SOFT)
    return f"<g><title>{escape(words)}</title>{canvas.rect(box, 'event', corner=13)}{_beside(box, shown)}</g>"


def _beside(box: Box, words: str) -> str:
    return canvas.text(box.x + 14, box.middle[1] + 4, words, "event-name")


def _published(box: Box, told: FollowingEvent) -> str:
    return _chip(box, _words(told)) if told.ending is None else canvas.ending(box, told.ending, words=_words(told))


def _words(told: FollowingEvent) -> str:
    return f"{told.event}, when all of {told.together} are" if told.together else told.event


def _joined(start: tuple[float, float], end: tuple[float, float], look: str, tip: str) -> str:
    turn = (start[0] + end[0]) / 2
    return canvas.line([start, (turn, start[1]), (turn, end[1]), end], look, tip=tip)


def _queue(box: Box, row: Reaction) -> str:
    """A pipe with messages in it."""
    pipe = Box(box.x, box.middle[1] - 18, box.width, 36)
    name = canvas.text(box.middle[0] - 6, box.middle[1] + 4, canvas.fits(row.queue, box.width - 36, CODE), "code mid")
    end = f'<path class="pipe" d="M{pipe.right - 14:g} {pipe.y:g}a10 18 0 0 0 0 36"/>'
    return f"{canvas.rect(pipe, 'box', corner=14)}{end}{name}"


def _participant(box: Box, row: Reaction) -> str:
    place = Box(box.x, box.middle[1] - 26, box.width, 52)
    x, y = place.middle
    return "".join(
        [
            f'<g class="task" data-task="{row.queue}">',
            canvas.rect(place, "box", corner=6),
            canvas.text(x, y - 4, canvas.fits(row.participant, box.width - 20, BOLD), "name mid"),
            canvas.text(x, y + 15, canvas.fits(row.handler, box.width - 20, CODE), "code mid"),
            "</g>",
        ]
    )


def _sentence(row: Reaction) -> str:
    return (
        f"{' or '.join(row.events)}: {row.participant} {row.handler}, then {' or '.join(map(_words, row.publishes))}."
    )
