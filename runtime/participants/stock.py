"""Countable things in a participant's own table, and the bookings that hold some of them.

An action writes the stock and the booking in one transaction, which is also the ledger's, and so does its compensation:
nothing is ever taken without a booking, given back twice, or given back without having been taken.
"""

from dataclasses import dataclass
from typing import Any, Final

from participants.inputs import count, text, wanted
from saga_runtime import Command, Writes
from saga_runtime.services import variable

Json = dict[str, Any]
MAX_PRICE: Final = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Stock:
    """What a saga's input asks for, and how the table of the environment variable ``TABLE`` keeps it.

    The table's items are, for instance, ``FLIGHT#LH1`` with the seats that are left, and ``BOOKING#<idempotency key>``
    for each saga that holds some.

    Args:
        what: the object in the input, e.g. ``flight``; also what rejections call it.
        named_by: its field that says which one, e.g. ``number``.
        counted_in: its field that says how many, e.g. ``seats`` (1 when left out); also the attribute of the stock.
        gone: what a rejection says of one that has too little left.
        priced_in: its field that says what one cost when the customer looked, e.g. ``cents``; also the attribute of
            the stock. What has another price by now is not taken: the condition that counts it rereads its price.
    """

    what: str
    named_by: str
    counted_in: str
    gone: str = "is full"
    priced_in: str = ""

    def take(self, command: Command, writes: Writes) -> Json:
        """Take the one object that the saga asks for, and book it; the result says what was taken.

        Raises:
            Rejected: the input does not say what, or how many. Too little left, or none at all, is a rejection as
                well: the one that ``writes`` makes of its condition.
        """
        taken = self.take_from(wanted(command, self.what), self.what, writes)
        return book(command, writes, taken)

    def take_from(self, asked: Json, field: str, writes: Writes, *, whose: str = "") -> Json:
        """Take one object of the input, as :meth:`take`, without booking it.

        Args:
            asked: the object.
            field: what it is called in the input.
            writes: what the transaction will be.
            whose: what a rejection begins with.
        """
        name = text(asked.get(self.named_by), f"{field}.{self.named_by}")
        units = count(asked.get(self.counted_in, 1), f"{field}.{self.counted_in}")
        seen = self._seen(asked, field)
        writes.update(
            variable("TABLE"),
            self._key(name),
            "SET #units = #units - :taken",
            names={"#units": self.counted_in, **{f"#{price}": price for price in seen}},
            values={":taken": units, **{f":{price}": cost for price, cost in seen.items()}},
            condition=" AND ".join(["#units >= :taken", *(f"#{price} = :{price}" for price in seen)]),
            rejected=f"{whose}{self.what} {name} {self.gone}{''.join(_or_other(*price) for price in seen.items())}",
        )
        return {self.what: name, self.counted_in: units, **seen}

    def _seen(self, asked: Json, field: str) -> dict[str, int]:
        """The price that the customer was shown, if the input says one."""
        if not self.priced_in or self.priced_in not in asked:
            return {}
        return {self.priced_in: count(asked[self.priced_in], f"{field}.{self.priced_in}", most=MAX_PRICE)}

    def give_back(self, command: Command, writes: Writes) -> None:
        """Give back what :meth:`take` took, and delete the booking."""
        self.put_back(command.results[command.step], writes)
        unbook(command, writes)

    def put_back(self, taken: Json, writes: Writes) -> None:
        """Give back what :meth:`take_from` took."""
        writes.update(
            variable("TABLE"),
            self._key(taken[self.what]),
            "SET #units = #units + :taken",
            names={"#units": self.counted_in},
            values={":taken": taken[self.counted_in]},
            condition="attribute_exists(pk)",
        )

    def _key(self, name: str) -> dict[str, str]:
        return {"pk": f"{self.what.upper()}#{name}"}


def _or_other(unit: str, cost: int) -> str:
    return f", or no longer costs {cost} {unit}"


def book(command: Command, writes: Writes, taken: Json) -> Json:
    """Write the booking that holds what was ``taken``; returns the step's result."""
    row = {**_booking_key(command), "saga": command.saga_id, **taken}
    writes.put(variable("TABLE"), row, condition="attribute_not_exists(pk)")
    return {"booking": command.idempotency_key, **taken}


def unbook(command: Command, writes: Writes) -> None:
    """Delete the booking."""
    own = {":saga": command.saga_id}
    writes.delete(variable("TABLE"), _booking_key(command), condition="saga = :saga", values=own)


def _booking_key(command: Command) -> dict[str, str]:
    return {"pk": f"BOOKING#{command.idempotency_key}"}
