"""The words of a bench: what was measured, for whom, and how good it should be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

Json = dict[str, Any]
Measured = float | Sequence[float]
"""A count, or the samples of a timing, one a round."""
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Target:
    """What a figure should be at most.

    Args:
        most: the bound.
        of: what it bounds: our figure itself, or its ratio to the rival's or the floor's.
    """

    most: float
    of: Literal["ours", "rival", "floor"] = "ours"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One figure.

    Args:
        what: is measured.
        unit: of all three figures.
        against: who the rival is.
        rival: the rival's figure.
        ours: our figure.
        floor: what nobody can be below.
        target: what it should be.
    """

    what: str
    unit: str
    ours: Measured
    against: str = ""
    rival: Measured | None = None
    floor: Measured | None = None
    target: Target | None = None

    def as_json(self) -> Json:
        """The line with its ratios, as it is kept."""
        ratios = {"rival": _ratio(self.ours, self.rival), "floor": _ratio(self.ours, self.floor)}
        kept: Json = {
            "what": self.what,
            "unit": self.unit,
            "against": self.against,
            "rival": _middle(self.rival),
            "ours": _middle(self.ours),
            "floor": _middle(self.floor),
            "to_rival": ratios["rival"],
            "to_floor": ratios["floor"],
        }
        if self.target:
            judged = _middle(self.ours) if self.target.of == "ours" else ratios[self.target.of]
            met = judged is not None and judged <= self.target.most
            kept |= {"target": {"most": self.target.most, "of": self.target.of, "met": met}}
        return kept


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Figures that grow.

    Args:
        name: of its file, without the suffix.
        title: what it shows.
        x: what is along the bottom.
        y: what is up the side.
        series: points by who they belong to.
    """

    name: str
    title: str
    x: str
    y: str
    series: Mapping[str, Points]

    def as_json(self) -> Json:
        """The chart as it is kept."""
        points = {name: [[x, _rounded(y)] for x, y in points] for name, points in self.series.items()}
        return {"name": self.name, "title": self.title, "x": self.x, "y": self.y, "series": points}


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a subject measured.

    Args:
        lines: its figures.
        charts: its charts.
        facts: further figures that other pages quote, by name.
    """

    lines: Sequence[Line] = ()
    charts: Sequence[Chart] = ()
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def as_json(self) -> Json:
        """The result as it is kept."""
        return {
            "lines": [line.as_json() for line in self.lines],
            "charts": [chart.as_json() for chart in self.charts],
            "facts": dict(self.facts),
        }


def _middle(measured: Measured | None) -> float | None:
    if measured is None:
        return None
    return _rounded(median(measured) if isinstance(measured, Sequence) else measured)


def _ratio(ours: Measured, other: Measured | None) -> float | None:
    """The median of the rounds' ratios: what slows one round down slows both down."""
    if isinstance(ours, Sequence) and isinstance(other, Sequence):
        return _rounded(median(a / b for a, b in zip(ours, other, strict=True)))
    above, below = _middle(ours), _middle(other)
    return _rounded(above / below) if above is not None and below else None


def _rounded(number: float) -> float:
    """Three significant digits at least, and no digits after the point that say nothing."""
    return round(number) if abs(number) >= 1000 or number == int(number) else float(f"{number:.3g}")
