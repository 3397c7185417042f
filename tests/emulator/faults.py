"""Faults of the environment, for one saga of the running emulator.

    fault = Fault(saga="trip-8842", fault="crash-after-commit", step="hotel", operation="action")
    emulator.faults.set([fault])

The handlers' code and bundle are untouched: workers crash, and calls are doubled, from the outside.
"""

import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

FaultKind = Literal["crash-before-commit", "crash-after-commit", "duplicate"]
Operation = Literal["action", "compensation"]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something the environment does to one saga.

    Args:
        saga: the saga's id.
        fault: `crash-before-commit` and `crash-after-commit` end the worker's process just before, or just after, the
            DynamoDB request that writes a step's state to the ledger; `duplicate` makes the call of the function twice,
            and the second reply counts.
        step: only at this step; None for every step.
        operation: only at its action or its compensation; None for both.
        state: only at the write of this ledger state, such as `STARTED` or `DONE`; None for each. Not for `duplicate`.
        times: how often; None for every time.

    Raises:
        ValueError: for an unknown kind of fault, a state with `duplicate`, or a number of times below 1.
    """

    saga: str
    fault: FaultKind
    step: str | None = None
    operation: Operation | None = None
    state: str | None = None
    times: int | None = 1

    def __post_init__(self) -> None:
        if self.fault not in get_args(FaultKind):
            raise ValueError(f"fault {self.fault!r} is unknown; take one of {', '.join(get_args(FaultKind))}.")
        if self.fault == "duplicate" and self.state is not None:
            raise ValueError(f"state {self.state!r} means nothing for a duplicate, which is of a call; leave it out.")
        if self.times is not None and self.times < 1:
            raise ValueError(f"times is {self.times}; it has to be 1 or more, or None for every time.")


class Faults:
    """The faults of one emulator; workers and server read them from a file at each call."""

    def __init__(self, folder: Path) -> None:
        """Keep the faults in a folder, made if it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = self._tokens = folder.resolve()
        self._faults: list[Fault] = []

    @property
    def path(self) -> Path:
        """The file that workers and server read."""
        return self._folder / "faults.json"

    def set(self, faults: Iterable[Fault]) -> None:
        """Replace all faults by these; counting starts anew."""
        self._tokens = self._folder / secrets.token_hex(4)
        self._tokens.mkdir()
        self._faults = []
        self.add(faults)

    def add(self, faults: Iterable[Fault]) -> None:
        """Add faults to those that this object has set; counting goes on."""
        if self._tokens == self._folder:
            return self.set(faults)
        self._faults += faults
        content = {"tokens": str(self._tokens), "faults": [asdict(fault) for fault in self._faults]}
        draft = self._tokens / "draft.json"
        draft.write_text(json.dumps(content), encoding="utf-8")
        draft.replace(self.path)
        return None

    def clear(self) -> None:
        """Remove all faults."""
        self.set([])

    def happened(self) -> int:
        """How many faults have happened since the last `set`."""
        return sum(1 for _ in self._tokens.glob("*-*"))
