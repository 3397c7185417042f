"""What happened in a run, line by line."""

from typing import NamedTuple

from cdk_saga.testing.clock import START


class Entry(NamedTuple):
    """One line: when, which task at which attempt, which of its requests (0: none), what, and how it went."""

    at: float
    task: str
    attempt: int
    call: int
    what: str
    outcome: str

    def __str__(self) -> str:
        who = f"{self.task} #{self.attempt}" if self.attempt else self.task
        call = f"{self.call}. " if self.call else ""
        return f"{self.at - START:10.3f}s  {who:<24} {call}{self.what:<24} {self.outcome}"


class Trace:
    """The lines of a run."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(self, at: float, label: tuple[str, int], what: str, outcome: str) -> None:
        """Note something that is no request."""
        self.entries.append(Entry(at, *label, 0, what, outcome))

    def request(self, at: float, label: tuple[str, int], call: int, what: str, outcome: str) -> None:
        """Note a request that has reached its service."""
        self.entries.append(Entry(at, *label, call, what, outcome))

    def requests(self) -> list[Entry]:
        """The requests of functions."""
        return [entry for entry in self.entries if entry.call]

    def __str__(self) -> str:
        return "\n".join(map(str, self.entries))
