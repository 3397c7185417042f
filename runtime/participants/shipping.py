"""Shipping: the parcels that a region's carriers still take are a stock. With a carrier assigned, an order goes out."""

from typing import Any

from participants.stock import Stock
from saga_runtime import Command, Participant, Writes

shipping = Participant("shipping")
parcels = Stock(what="region", named_by="name", counted_in="parcels", gone="has no carrier")


@shipping.action
def assign_carrier(command: Command, writes: Writes) -> dict[str, Any]:
    """Assign a carrier with room for the parcels; rejected when the region has none."""
    return parcels.take(command, writes)


@assign_carrier.compensation
def withdraw_carrier(command: Command, writes: Writes) -> None:
    """Withdraw the carrier; it has room again."""
    parcels.give_back(command, writes)


handler = shipping.handler
