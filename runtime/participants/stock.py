"""Countable things in a participant's own table, and the bookings that hold some of them.

An action writes the stock and the booking in one transaction, which is also the ledger's, and so does its compensation:
nothing is ever taken without a booking, given back twice, or given back without having been taken.
"""

from dataclasses import dataclass
from typing import Any

from participants.inputs import count, text, wanted
from saga_runtime import Command, Writes
from saga_runtime.services import variable


@dataclass(frozen=True, kw_only=True)
class Stock:
    """What a saga's input asks for, and how the table of the environment variable ``TABLE`` keeps it.

    The table's items are, for instance, ``FLIGHT#LH1`` with the seats that are left, and ``BOOKING#<idempotency key>``
    for each saga that holds some.

    Args:
        what: the object in the input, e.g. ``flight``; also what rejections call it.
        named_by: its field that says which one, e.g. ``number``.
        counted_in: its field that says how many, e.g. ``seats`` (1 when left out); also the attribute of the stock.
    """

    what: str
    named_by: str
    counted_in: str

    def take(self, command: Command, writes: Writes) -> dict[str, Any]:
        """Take what the saga asks for; the result says what was taken.

        Raises:
            Rejected: the input does not say what, or how many. Too little left, or none at all, is a rejection as
                well: the one that ``writes`` makes of its condition.
        """
        asked = wanted(command, self.what)
        name = text(asked.get(self.named_by), f"{self.what}.{self.named_by}")
        units = count(asked.get(self.counted_in, 1), f"{self.what}.{self.counted_in}")
        writes.update(
            variable("TABLE"),
            self._stock_key(name),
            "SET #units = #units - :taken",
            names={"#units": self.counted_in},
            values={":taken": units},
            condition="#units >= :taken",
            rejected=f"{self.what} {name} is full",
        )
        booked = {self.what: name, self.counted_in: units}
        row = {**_booking_key(command), "saga": command.saga_id, **booked}
        writes.put(variable("TABLE"), row, condition="attribute_not_exists(pk)")
        return {"booking": command.idempotency_key, **booked}

    def give_back(self, command: Command, writes: Writes) -> None:
        """Give back what this saga's booking holds, and delete the booking."""
        booked = command.results[command.step]
        writes.update(
            variable("TABLE"),
            self._stock_key(booked[self.what]),
            "SET #units = #units + :taken",
            names={"#units": self.counted_in},
            values={":taken": booked[self.counted_in]},
            condition="attribute_exists(pk)",
        )
        own = {":saga": command.saga_id}
        writes.delete(variable("TABLE"), _booking_key(command), condition="saga = :saga", values=own)

    def _stock_key(self, name: str) -> dict[str, str]:
        return {"pk": f"{self.what.upper()}#{name}"}


def _booking_key(command: Command) -> dict[str, str]:
    return {"pk": f"BOOKING#{command.idempotency_key}"}
