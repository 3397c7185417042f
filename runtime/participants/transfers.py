"""Transfers from the airport to the hotel: an external provider drives."""

from typing import Any

from participants.inputs import text, wanted
from participants.provider import Provider
from saga_runtime import Command, Participant

transfers = Participant("transfers")
provider = Provider("bookings")


@transfers.external_action
def book_transfer(command: Command) -> dict[str, Any]:
    """Order a transfer; rejected when the provider has none."""
    customer = text(command.input.get("customer"), "customer")
    pickup = text(wanted(command, "transfer").get("pickup"), "transfer.pickup")
    return provider.place(command, {"customer": customer, "pickup": pickup}, refused=f"no transfer at {pickup}")


@book_transfer.compensation
def cancel_transfer(command: Command) -> None:
    """Cancel the transfer, if there is one."""
    provider.cancel(command)


handler = transfers.handler
