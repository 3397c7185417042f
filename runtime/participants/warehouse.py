"""The warehouse: articles are a stock, and the lines of an order are reserved all together or not at all."""

from typing import Any, Final

from participants.inputs import several
from participants.stock import Stock, book, unbook
from saga_runtime import Command, Participant, Rejected, Writes

warehouse = Participant("warehouse")
articles = Stock(what="article", named_by="article", counted_in="pieces", gone="is out of stock", priced_in="cents")
MAX_LINES: Final = 97
"""A step has at most 98 writes, and one of them is the booking."""


@warehouse.action
def reserve(command: Command, writes: Writes) -> dict[str, Any]:
    """Reserve every line; rejected when one is out of stock or not at its price, and then nothing is taken."""
    ordered = several(command, "lines", most=MAX_LINES)
    _check_distinct([line.get("article") for line in ordered.values()])
    lines = [
        articles.take_from(line, field, writes, whose=f"line {number}: ")
        for number, (field, line) in enumerate(ordered.items(), start=1)
    ]
    return book(command, writes, {"lines": lines})


@reserve.compensation
def release(command: Command, writes: Writes) -> None:
    """Put every line back."""
    for line in command.results[command.step]["lines"]:
        articles.put_back(line, writes)
    unbook(command, writes)


def _check_distinct(names: list[Any]) -> None:
    """A transaction touches an item once."""
    for number, name in enumerate(names, start=1):
        if isinstance(name, str) and name in names[: number - 1]:
            raise Rejected(f"line {number}: article {name} has a line already: put all pieces into one")


handler = warehouse.handler
