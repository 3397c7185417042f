"""What is special about one saga of the example: what it is given, what it takes, and where that shows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from demo.cases import Case

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """One thing in a stock.

    Args:
        stock: how many there are, unless a case says otherwise.
        takes: how many of them a saga takes.
    """

    stock: int = 5
    takes: int = 1


@dataclass(frozen=True, kw_only=True)
class Stock:
    """A column of the report: countable things in a participant's table, how many are left, and how many are held.

    Args:
        function: the participant's, e.g. `Flights`.
        what: one of them, e.g. `flight`.
        counted_in: the attribute that counts, e.g. `seats`.
        shelves: by their names, which follow a run's key.
    """

    function: str
    what: str
    counted_in: str
    shelves: Mapping[str, Shelf]


@dataclass(frozen=True, kw_only=True)
class Orders:
    """A column of the report: orders with an external provider that are not cancelled.

    Args:
        collection: what the provider calls them, e.g. `bookings`.
    """

    collection: str


@dataclass(frozen=True, kw_only=True)
class Requests:
    """A column of the report: a participant's requests that are not withdrawn.

    Args:
        function: the participant's, e.g. `Approvals`.
    """

    function: str


Column = Stock | Orders | Requests


@dataclass(frozen=True, kw_only=True)
class Example:
    """One saga of the example.

    Args:
        name: the saga's.
        columns: where its effects show, by the report's headings.
        told: the customer's message for each ending.
        given: the usual input of a run's sagas, made from its key.
        task: the first task, as a plan has it.
        first: the function of the first step's participant.
        cases: what happens to it.
    """

    name: str
    columns: Mapping[str, Column]
    told: Mapping[str, str]
    given: Callable[[str], Json]
    task: Json
    first: str
    cases: tuple[Case, ...]

    @property
    def stack(self) -> str:
        """How the names of its stacks begin on the local AWS."""
        return f"local-{self.title}"

    @property
    def title(self) -> str:
        """The same without the environment."""
        return self.name.title().replace("-", "")
