"""A table that fits the terminal: columns that matter less give way, and what people copy from it stays whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from saga_cli.output import cell

GAP: Final = 2
"""Characters between two columns."""


@dataclass(frozen=True)
class Column:
    """A column.

    Args:
        name: its heading.
        least: characters it may be folded to; ``None`` for none, so that it stays whole.
        spared: when a narrow terminal goes without it, those with the lowest number first; ``None`` for never.
    """

    name: str
    least: int | None = None
    spared: int | None = None


class ResponsiveTable:
    """Rows under columns, printed by ``rich`` into whatever width there is.

    Columns are folded first, then left out. Only where that is not enough, the widest is folded too: no character of
    a column that is shown is ever cut off.

    Args:
        columns: from left to right.
        rows: a cell for each column.
    """

    def __init__(self, columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> None:
        self._columns = columns
        self._rows = [[cell(column.name, "dim") for column in columns], *rows]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table, as wide as there is room."""
        widths = self._widths(options.max_width)
        table = Table(box=None, show_header=False, pad_edge=False)
        for width in widths.values():
            table.add_column(width=width, overflow="fold")
        for row in self._rows:
            table.add_row(*(row[i] for i in widths))
        yield table

    def _widths(self, room: int) -> dict[int, int]:
        """Those of the columns that are shown, by their numbers."""
        most = [max(cell_len(row[i].plain) for row in self._rows) for i in range(len(self._columns))]
        widths = {
            i: most[i] if column.least is None else min(most[i], column.least) for i, column in enumerate(self._columns)
        }
        spared = sorted((column.spared, i) for i, column in enumerate(self._columns) if column.spared is not None)
        for _, i in spared:
            if _taken(widths) > room:
                del widths[i]
        while _taken(widths) > room and max(widths.values()) > 1:
            widths[max(widths, key=lambda i: widths[i])] -= 1
        for i, least in widths.items():
            widths[i] = least + max(0, min(most[i] - least, room - _taken(widths)))
        return widths


def _taken(widths: dict[int, int]) -> int:
    return sum(widths.values()) + GAP * (len(widths) - 1)
