"""Flights: seats are a stock, a booking takes some of them."""

from typing import Any

from participants.stock import Stock
from saga_runtime import Command, Participant, Writes

flights = Participant("flights")
seats = Stock(what="flight", named_by="number", counted_in="seats")


@flights.action
def book_flight(command: Command, writes: Writes) -> dict[str, Any]:
    """Take the seats; rejected when there are not enough left."""
    return seats.take(command, writes)


@book_flight.compensation
def cancel_flight(command: Command, writes: Writes) -> None:
    """Give the seats back."""
    seats.give_back(command, writes)


handler = flights.handler
