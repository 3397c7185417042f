"""A saga on a time axis: what was under way when, as far as the ledger tells. Plain data, drawn by a template."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from saga_runtime.client import Status, StepStatus

UNITS: Final = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))
STEPS: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 21_600, 43_200, 86_400)
TICKS: Final = 6
SHORTEST: Final = 0.5
"""Seconds that the axis shows at least: the ledger knows a saga's start by the second."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One span of time in a step's row.

    Attributes:
        way: ``action`` or ``compensation``.
        look: ``work``, ``waiting`` for a callback, ``queued`` until it is claimed or recorded, ``moment`` where
            only the end is known, ``broken`` where none was recorded.
        left: where it begins, in percent of the axis.
        width: in percent of the axis.
        open: whether it goes on.
        told: the same in words.
    """

    way: str
    look: str
    left: float
    width: float
    open: bool
    told: str


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """The axis and a row of bars for each step."""

    ticks: tuple[tuple[float, str], ...]
    rows: tuple[tuple[StepStatus, tuple[Bar, ...]], ...]


@dataclass(frozen=True)
class _Axis:
    start: float
    end: float

    def at(self, time: float) -> float:
        return round(100 * (time - self.start) / (self.end - self.start), 2)

    def ticks(self) -> Iterator[tuple[float, str]]:
        whole = self.end - self.start
        step = next((step for step in STEPS if whole / step <= TICKS), whole / TICKS)
        for number in range(int(whole / step) + 1):
            yield self.at(self.start + number * step), duration(number * step)


def timeline(status: Status, now: float) -> Timeline:
    """What is known of ``status`` in time.

    Args:
        status: the saga's.
        now: seconds since the epoch; where what still goes on ends on the axis.
    """
    times = [time for step in status.steps for time in _times(step)]
    runs = status.ended is None and status.state != "STUCK"
    start = min([status.started, *times])
    until = now if runs else status.stuck_since or start
    end = max([start + SHORTEST, until, *times])
    axis = _Axis(start, end)
    rows = tuple((step, tuple(_bars(step, axis, _before(start, times), runs=runs))) for step in status.steps)
    return Timeline(ticks=tuple(axis.ticks()), rows=rows)


def duration(seconds: float) -> str:
    """A span of time for people: ``350 ms``, ``3.2 s``, ``2 min 5 s``, ``3 d 4 h``."""
    if seconds == 0:
        return "0 s"
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 60:  # noqa: PLR2004 # a minute
        return f"{seconds:.1f} s".replace(".0 s", " s")
    left, parts = round(seconds), list[str]()
    for unit, size in UNITS:
        number, left = divmod(left, size)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts[:2])


class _before:  # noqa: N801 # a function with a memory
    """The last thing recorded before a time: until then a step was not even called."""

    def __init__(self, start: float, times: Sequence[float]) -> None:
        self._times = sorted([start, *times])

    def __call__(self, time: float) -> float:
        return max([known for known in self._times if known < time], default=time)


def _times(step: StepStatus) -> list[float]:
    known = (step.began, step.ended, step.undo_began, step.undo_ended, step.stuck, step.resumed)
    return [time for time in known if time is not None]


def _bars(step: StepStatus, axis: _Axis, before: _before, *, runs: bool) -> Iterator[Bar]:
    open_end = step.undo_began or step.undo_ended or axis.end
    waits = step.due is not None
    action, back = (step.began, step.ended, open_end), (step.undo_began, step.undo_ended, axis.end)
    for way, known in (("action", action), ("compensation", back)):
        bars = _way(way, known, axis, before, runs=runs, waits=waits and known is action)
        yield from (part for bar in bars for part in _around_gap(bar, step, axis))


def _around_gap(bar: Bar, step: StepStatus, axis: _Axis) -> Iterator[Bar]:
    """What is left of a bar beside the time in which the saga was stuck at its step."""
    if step.stuck is None or step.resumed is None or bar.look == "moment":
        yield bar
        return
    stuck, resumed, right = axis.at(step.stuck), axis.at(step.resumed), round(bar.left + bar.width, 2)
    if not bar.left <= stuck < resumed <= right:
        yield bar
        return
    gap = f"{bar.way}: stuck, {duration(step.resumed - step.stuck)}"
    first, last = f"{bar.way}: until it was stuck", f"{bar.way}: since it was resumed"
    yield replace(bar, width=round(stuck - bar.left, 2), open=False, told=first)
    yield replace(bar, look="queued", left=stuck, width=round(resumed - stuck, 2), open=False, told=gap)
    yield replace(bar, left=resumed, width=round(right - resumed, 2), told=last)


def _way(
    way: str,
    known: tuple[float | None, float | None, float],
    axis: _Axis,
    before: _before,
    *,
    runs: bool,
    waits: bool,
) -> Iterator[Bar]:
    """The bars of an action or a compensation, of which began, ended and until when else it can have been are known."""
    began, ended, open_end = known
    first = ended if began is None else began
    if first is None:
        return
    past = before(first)
    if past < first:
        told = f"{way}: on its way or at work, {duration(first - past)}"
        yield Bar(
            way=way, look="queued", left=axis.at(past), width=axis.at(first) - axis.at(past), open=False, told=told
        )
    if began is None:
        yield Bar(way=way, look="moment", left=axis.at(first), width=0, open=False, told=f"{way} recorded")
        return
    end = open_end if ended is None else ended
    continues = ended is None and runs and end == axis.end
    look = "waiting" if waits else "broken" if ended is None and not continues else "work"
    said = "waiting for an answer" if waits else "at work"
    told = f"{way}: {said}{', so far' if continues else ''}, {duration(max(0.0, end - began))}"
    yield Bar(way=way, look=look, left=axis.at(began), width=axis.at(end) - axis.at(began), open=continues, told=told)
