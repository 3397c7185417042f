"""Transfers from the airport to the hotel: an outside provider drives, and is asked over HTTP.

The provider knows each booking by our idempotency key. Whatever is lost on the way, asking again books nothing twice,
and a transfer can be cancelled by somebody who never heard that it was booked.
"""

import json
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from participants.inputs import text, wanted
from saga_runtime import Command, Participant, Rejected
from saga_runtime.services import variable

transfers = Participant("transfers")
NONE_AVAILABLE: Final = 409
NEVER_BOOKED: Final = 404


@transfers.outside_action
def book_transfer(command: Command) -> dict[str, Any]:
    """Order a transfer; rejected when the provider has none."""
    order = {
        "customer": text(command.input.get("customer"), "customer"),
        "pickup": text(wanted(command, "transfer").get("pickup"), "transfer.pickup"),
    }
    booked = _ask("PUT", command, order, refusal=NONE_AVAILABLE)
    if booked is None:
        raise Rejected(f"no transfer at {order['pickup']}")
    return {"booking": command.idempotency_key, "confirmation": booked["confirmation"]}


@book_transfer.compensation
def cancel_transfer(command: Command) -> None:
    """Cancel the transfer, if there is one."""
    _ask("DELETE", command, refusal=NEVER_BOOKED)


def _ask(method: str, command: Command, order: dict[str, str] | None = None, *, refusal: int) -> dict[str, Any] | None:
    """Call the provider.

    Args:
        method: the HTTP method.
        command: whose booking it is.
        order: the body.
        refusal: the one status that is a definite no. Any other failure is raised: then nobody knows.

    Returns:
        The provider's answer; ``None`` for a refusal.
    """
    provider = variable("PROVIDER_URL")
    if urlsplit(provider).scheme not in ("http", "https"):
        raise ValueError(f"PROVIDER_URL is {provider!r}: an http or https URL belongs there")
    url, body = f"{provider}/bookings/{command.idempotency_key}", json.dumps(order).encode() if order else None
    request = Request(url, body, {"Content-Type": "application/json"}, method=method)  # noqa: S310 # checked above
    try:
        # It gives up in time for the runtime to say how it went, before Lambda ends the function.
        with urlopen(request, timeout=float(variable("PROVIDER_TIMEOUT"))) as answer:  # noqa: S310 # as above
            return json.load(answer)
    except HTTPError as error:
        error.close()
        if error.code == refusal:
            return None
        raise


handler = transfers.handler
