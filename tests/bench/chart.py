"""A chart as SVG: lines over two axes, the same bytes for the same figures."""

import math
from collections.abc import Iterator
from html import escape
from typing import Any, Final

WIDTH: Final = 640
HEIGHT: Final = 360
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 36, 72
"""Room for the labels."""
COLOURS: Final = ("#0b6bcb", "#c4570a", "#2e7d32", "#6a3fa0", "#666666")
STYLE: Final = "text{font:12px sans-serif;fill:#222}.t{font-size:14px;font-weight:bold}.g{stroke:#ddd}"


def svg(chart: dict[str, Any]) -> str:
    """Draw a chart as it is kept."""
    points = [point for series in chart["series"].values() for point in series]
    across, up = _ticks(max(x for x, _ in points)), _ticks(max(y for _, y in points))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(chart['title'])}</title><style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text class="t" x="{LEFT}" y="20">{escape(chart["title"])}</text>',
        *_grid(across, up),
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - BOTTOM + 34}" text-anchor="end">{escape(chart["x"])}</text>',
        f'<text x="14" y="{TOP}" transform="rotate(-90 14 {TOP})" text-anchor="end">{escape(chart["y"])}</text>',
    ]
    room = (WIDTH - LEFT) / len(chart["series"])
    for i, (name, series) in enumerate(chart["series"].items()):
        colour = COLOURS[i % len(COLOURS)]
        placed = [(_x(x, across[-1]), _y(y, up[-1])) for x, y in series]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in placed]
        label = LEFT + i * room
        parts.append(f'<circle cx="{label:.0f}" cy="{HEIGHT - 14}" r="4" fill="{colour}"/>')
        parts.append(f'<text x="{label + 8:.0f}" y="{HEIGHT - 10}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _grid(across: list[float], up: list[float]) -> Iterator[str]:
    low = HEIGHT - BOTTOM
    for tick in up:
        y = _y(tick, up[-1])
        yield f'<line class="g" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:,g}</text>'
    for tick in across:
        x = _x(tick, across[-1])
        yield f'<line class="g" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{low}"/>'
        yield f'<text x="{x:.1f}" y="{low + 16}" text-anchor="middle">{tick:,g}</text>'


def _x(value: float, most: float) -> float:
    return LEFT + value / most * (WIDTH - LEFT - RIGHT)


def _y(value: float, most: float) -> float:
    return HEIGHT - BOTTOM - value / most * (HEIGHT - TOP - BOTTOM)


def _ticks(most: float) -> list[float]:
    """Four to ten round numbers from 0 on, the last at least `most`."""
    if most <= 0:
        return [0, 1]
    size = 10 ** math.floor(math.log10(most))
    step = next(size * part for part in (0.2, 0.5, 1, 2) if most <= size * part * 5)
    return [round(i * step, 10) for i in range(math.ceil(most / step) + 1)]
