"""A stay: a room and its payment, with handlers as they should be. Tests replace one by a naive one."""

from collections.abc import Callable
from typing import Any, Final

from cdk_saga import Saga, Step
from cdk_saga.testing.check import CheckReport, check
from saga_runtime import Command, Participant, Writes

Json = dict[str, Any]
stay = Saga(
    "stay",
    [
        Step("room", participant="hotels", action="book_hotel", compensation="cancel_hotel"),
        Step("payment", participant="payments", action="charge", compensation="refund"),
    ],
)
ROME: Final = {"pk": "HOTEL#Roma"}
TABLES: Final = {"hotels": [{**ROME, "rooms": 5}, {"pk": "HOTEL#Full", "rooms": 0}]}
ADA: Final[Json] = {"customer": "Ada", "hotel": "Roma", "cents": 900}


class Till:
    """A payment service. Without a key each charge is another one, as everywhere."""

    def __init__(self) -> None:
        self.charges: dict[str, int] = {}
        self.refunded: set[str] = set()

    def charge(self, cents: int, *, key: str = "") -> str:
        key = key or f"charge-{len(self.charges) + len(self.refunded) + 1}"
        self.charges.setdefault(key, cents)
        return key

    def refund(self, key: str) -> bool:
        """Whether there was something to refund."""
        self.refunded.add(key)
        return self.charges.pop(key, None) is not None

    def has(self, key: str) -> bool:
        return key in self.charges

    def effects(self) -> dict[str, int]:
        return self.charges


till = Till()
SHORT: Final[Json] = {"styles": ["orchestrated"], "most": 150}
TILL: Final = "check.stay.till"


def hotels() -> Participant:
    """Rooms in a table of their own."""
    participant = Participant("hotels")

    @participant.action
    def book_hotel(command: Command, writes: Writes) -> Json:
        writes.update(
            "hotels",
            {"pk": f"HOTEL#{command.input['hotel']}"},
            "ADD rooms :less",
            values={":less": -1, ":one": 1},
            condition="rooms >= :one",
            rejected="the hotel is full",
        )
        writes.put("hotels", {"pk": f"BOOKING#{command.idempotency_key}", "customer": command.input["customer"]})
        return {}

    @book_hotel.compensation
    def cancel_hotel(command: Command, writes: Writes) -> None:
        writes.update("hotels", {"pk": f"HOTEL#{command.input['hotel']}"}, "ADD rooms :one", values={":one": 1})
        writes.delete("hotels", {"pk": f"BOOKING#{command.idempotency_key}"})

    return participant


def payments(
    charge_card: Callable[[Command], Json | None] | None = None, give_back: Callable[[Command], None] | None = None
) -> Participant:
    """Payments at the till, or as a test wants them."""
    participant = Participant("payments")

    @participant.external_action
    def charge(command: Command) -> Json | None:
        if charge_card:
            return charge_card(command)
        return {"charge": till.charge(command.input["cents"], key=command.idempotency_key)}

    @charge.compensation
    def refund(command: Command) -> None:
        if give_back:
            give_back(command)
        else:
            till.refund(command.idempotency_key)

    return participant


def checked(**other: Any) -> CheckReport:
    """The check of a stay, with something replaced."""
    usual: Json = {
        "participants": {"hotels": hotels(), "payments": payments()},
        "tables": TABLES,
        "providers": {TILL: Till},
        "inputs": [ADA],
    }
    return check(stay, **{**usual, **other})


def with_hotels(participant: Participant, **other: Any) -> CheckReport:
    """A short check with other hotels."""
    return checked(participants={"hotels": participant, "payments": payments()}, **{**SHORT, **other})


def with_payments(
    charge: Callable[[Command], Json | None] | None = None,
    refund: Callable[[Command], None] | None = None,
    **other: Any,
) -> CheckReport:
    """A short check with other payments."""
    return checked(participants={"hotels": hotels(), "payments": payments(charge, refund)}, **{**SHORT, **other})
