"""Notices: an external provider tells the customer where an order is. What has been told cannot be taken back."""

from typing import Any

from participants.inputs import text, wanted
from participants.provider import Provider
from saga_runtime import Command, Participant

notices = Participant("notices")
provider = Provider("notices")


@notices.external_action
def notify(command: Command) -> dict[str, Any]:
    """Tell the customer that the parcels are out; rejected when the provider knows no customer of that name."""
    customer = text(command.input.get("customer"), "customer")
    region = text(wanted(command, "region").get("name"), "region.name")
    notice = {"customer": customer, "text": f"order {command.saga_id} is out for {region}"}
    return provider.place(command, notice, refused=f"{customer} cannot be reached")


handler = notices.handler
