"""Payments: an external provider charges the customer's card."""

from typing import Any, Final

from participants.inputs import count, text, wanted
from participants.provider import Provider
from saga_runtime import Command, Participant

payments = Participant("payments")
provider = Provider("charges")
MAX_CENTS: Final = 1_000_000


@payments.external_action
def charge(command: Command) -> dict[str, Any]:
    """Charge the card; rejected when the provider declines it."""
    payment = wanted(command, "payment")
    order = {
        "customer": text(command.input.get("customer"), "customer"),
        "card": text(payment.get("card"), "payment.card"),
        "cents": count(payment.get("cents"), "payment.cents", most=MAX_CENTS),
    }
    return provider.place(command, order, refused="card declined")


@charge.compensation
def refund(command: Command) -> None:
    """Refund the charge, if there is one."""
    provider.cancel(command)


handler = payments.handler
