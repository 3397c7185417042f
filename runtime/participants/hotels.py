"""Hotels: rooms are a stock, a booking takes some of them."""

from typing import Any

from participants.stock import Stock
from saga_runtime import Command, Participant, Writes

hotels = Participant("hotels")
rooms = Stock(what="hotel", named_by="name", counted_in="rooms")


@hotels.action
def book_hotel(command: Command, writes: Writes) -> dict[str, Any]:
    """Take the rooms; rejected when there are not enough left."""
    return rooms.take(command, writes)


@book_hotel.compensation
def cancel_hotel(command: Command, writes: Writes) -> None:
    """Give the rooms back."""
    rooms.give_back(command, writes)


handler = hotels.handler
